import { decodeApdu } from "../../../src/apdu/index.js";
import { DlmsError, fromHex } from "../../../src/base/index.js";
import { array, encodeData, i8, octets, structure, u16, u32 } from "../../../src/data/index.js";
import { type ConnectOptions, memoryCounterStore, type TraceEvent } from "../../../src/index.js";
import { secret, signing } from "./keys.js";
import { type Authentication, type Hls, rising } from "./reference-meter.js";

const systemTitle = "444C4D4300000001";
const encryptionKey = "000102030405060708090A0B0C0D0E0F";
const authenticationKey = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
/** Counters go on from one association to the next, as the meters demand. */
const counters = memoryCounterStore();
export const security = {
  protection: "authenticated-encrypted",
  encryptionKey,
  authenticationKey,
  systemTitle,
  counters,
  // These meters have no object that tells it.
  counterRecovery: { enabled: false, firstCounter: 1 },
  // Their own counters begin anew with each association.
  receivedCounters: "session",
} as const;
/** The same for suites 1 and 2, whose keys are their own. */
export const suiteSecurity = (suite: 1 | 2) => ({
  ...security,
  suite,
  encryptionKey: rising(0, suite === 2 ? 32 : 16),
  authenticationKey: rising(0xd0, suite === 2 ? 32 : 16),
});
export const options: Record<Authentication | Hls, ConnectOptions> = {
  none: { client: 16 },
  low: { client: 2, authentication: { mechanism: "low", password: "12345678" } },
  md5: { client: 103, authentication: { mechanism: "hls-md5", secret } },
  sha1: { client: 104, authentication: { mechanism: "hls-sha1", secret } },
  sha256: { client: 106, systemTitle, authentication: { mechanism: "hls-sha256", secret } },
  ecdsa: {
    client: 107,
    systemTitle,
    authentication: {
      mechanism: "hls-ecdsa",
      privateKey: signing.client.privateKey,
      peerPublicKey: signing.meter.publicKey,
    },
  },
  gmac: { client: 1, authentication: { mechanism: "hls-gmac" }, security },
};
const clockName = octets(fromHex("0000010000FF"));
/** Rows of a profile by their numbers. */
export const byEntry = (from: number, to: number) => ({
  selection: { selector: 2, parameters: encodeData(structure(u32(from), u32(to), u16(1), u16(0))) },
});
/** Rows between two points of time, twelve octets each in hexadecimal. */
export const byRange = (from: string, to: string) => ({
  selection: {
    selector: 1,
    parameters: encodeData(
      structure(structure(u16(8), clockName, i8(2), u16(0)), octets(fromHex(from)), octets(fromHex(to)), array()),
    ),
  },
});
/** A text of that length. */
export const pattern = (length: number) => Uint8Array.from({ length }, (_, i) => (7 * i + length) & 0xff);

/** Forms of the APDUs that cross the line in the clear: `get-request/with-list`, `read-response/data-block-result`. */
export function formsSeen() {
  const forms = new Set<string>();
  return {
    forms,
    trace(event: TraceEvent) {
      if (event.type !== "apdu") return;
      for (const form of formsOf(event.apdu)) forms.add(form);
    },
  };
}

function formsOf(octets: Uint8Array): string[] {
  try {
    const apdu = decodeApdu(octets);
    const choices =
      "choice" in apdu
        ? [apdu.choice]
        : "variables" in apdu
          ? apdu.variables.map((one) => ("choice" in one ? one.choice : ""))
          : "results" in apdu
            ? apdu.results.map((one) => ("choice" in one ? one.choice : ""))
            : [];
    return [apdu.type, ...choices.map((choice) => `${apdu.type}/${choice}`)];
  } catch (error) {
    if (DlmsError.is(error)) return [];
    throw error;
  }
}
