import { parse } from "yaml";
import { fromHex } from "../base/index.js";
import { type MockClient, MockMeter, type MockMeterOptions } from "../mock/index.js";
import { type PortListener, ptyListener, tcpListener, tlsListener, udpListener } from "../node/index.js";
import { type LineModelOptions, line8n1, shapedTransport } from "../transport/index.js";
import { errorText } from "./exit-codes.js";
import { invalid, wholeNumber } from "./link-options.js";
import { callOut, callsOut, type MockPushFlags, withPushSetup } from "./mock-push.js";
import { type TlsFlags, textFile, tlsTrust, wantsTls } from "./tls-files.js";

export interface MockFlags extends TlsFlags, MockPushFlags {
  readonly udp?: string;
  readonly pty?: boolean;
  readonly hdlc?: boolean;
  readonly start?: string;
  readonly host: string;
  readonly sn?: boolean;
  readonly auth?: string;
  readonly keys?: string;
  readonly days: string;
  readonly interval: string;
  readonly seed: string;
  readonly baud?: string;
  readonly fault?: string;
  readonly maxPduSize: string;
}

/** Carries out `dlms mock`: a meter in software, until it is stopped. */
export async function runMock(flags: MockFlags): Promise<void> {
  const clients = clientsOf(flags);
  const options: MockMeterOptions = {
    household: {
      days: wholeNumber("--days", flags.days, 1, 3660),
      intervalMinutes: wholeNumber("--interval", flags.interval, 1, 1440),
      seed: wholeNumber("--seed", flags.seed, 0, 0x7fff_ffff),
    },
    maxPduSize: wholeNumber("--max-pdu-size", flags.maxPduSize, 64, 65_535),
    ...(flags.sn === true && { referencing: "short-name" as const }),
    ...(clients === undefined ? {} : { clients }),
  };
  if (callsOut(flags)) return runCalling(new MockMeter(withPushSetup(options, flags)), flags);
  const meter = new MockMeter(options);
  const given = [flags.tcp, flags.udp, flags.pty].filter((target) => target !== undefined);
  if (given.length !== 1)
    throw invalid("where shall it listen?", "Give one of --tcp PORT, --udp PORT, --pty, --dial or --push-to.");
  const secure = wantsTls(flags);
  const port = (name: string, text: string) => wholeNumber(name, text, 0, 65_535);
  const listener =
    flags.tcp !== undefined
      ? streamListener(flags, port("--tcp", flags.tcp), secure)
      : flags.udp !== undefined
        ? udpListener({ port: port("--udp", flags.udp), host: flags.host })
        : ptyListener();
  const link = flags.pty === true || flags.hdlc === true ? "hdlc" : "wrapper";
  const shape = shapeOf(flags);
  await listener.listen((transport) => {
    const line = shape === undefined ? transport : shapedTransport(transport, shape);
    meter.serve(line, { link, signOn: flags.pty === true && flags.start === "mode-e" }).catch((error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
    });
  });
  process.stdout.write(`${listener.name}\n`);
  await stopped();
  await listener.close();
  await meter.close();
}

/** A meter that calls others. */
async function runCalling(meter: MockMeter, flags: MockFlags): Promise<void> {
  if ([flags.tcp, flags.udp, flags.pty, flags.dial, flags.pushTo].filter((target) => target !== undefined).length > 1)
    throw invalid("who shall call whom?", "Give one of --tcp PORT, --udp PORT, --pty, --dial or --push-to.");
  try {
    await callOut(meter, flags, stopped());
  } finally {
    await meter.close();
  }
}

function stopped(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
}

function streamListener(flags: MockFlags, port: number, secure: boolean): PortListener {
  const { host } = flags;
  if (!secure) return tcpListener({ port, host });
  const { certificate, key, ...trust } = tlsTrust(flags);
  if (certificate === undefined || key === undefined)
    throw invalid("--tls without a certificate", "Give --tls-cert and --tls-key of the meter.");
  const refused = (error: unknown) => void process.stderr.write(errorText(error));
  return tlsListener({ port, host, certificate, key, ...trust, refused });
}

/** Names of the faults on the command line, and what they are in the line model. */
const faultNames: Readonly<Record<string, "bitErrorRate" | "hitRate" | "lossRate" | "doubleRate" | "latencyMs">> = {
  flip: "bitErrorRate",
  hit: "hitRate",
  drop: "lossRate",
  double: "doubleRate",
  latency: "latencyMs",
};

function shapeOf({ baud, fault, seed }: MockFlags): LineModelOptions | undefined {
  if (baud === undefined && fault === undefined) return undefined;
  const parts = (fault ?? "").split(",").filter((part) => part !== "" && part !== "echo");
  const faults = parts.map((part) => {
    const [name = "", value = ""] = part.split("=");
    const option = faultNames[name];
    if (option === undefined || value === "" || !(Number(value) >= 0))
      throw invalid(
        `--fault ${part}`,
        `Known are ${Object.keys(faultNames).join("=, ")}= and echo; rates from 0 to 1.`,
      );
    return [option, Number(value)] as const;
  });
  return {
    seed: Number(seed),
    ...(baud === undefined ? {} : { line: line8n1(wholeNumber("--baud", baud, 50, 4_000_000)) }),
    ...(fault?.split(",").includes("echo") === true ? { echo: "far" as const } : {}),
    ...Object.fromEntries(faults),
  };
}

/** The clients of the meter, when the flags or a key file say so. */
function clientsOf({ auth, keys }: MockFlags): readonly MockClient[] | undefined {
  if (auth === undefined && keys === undefined) return undefined;
  const file = keys === undefined ? {} : ((parse(textFile("--keys", keys)) ?? {}) as Readonly<Record<string, string>>);
  const key = (name: string, fallback: string) => fromHex(file[name] ?? fallback);
  const password = new TextEncoder().encode(file["password"] ?? "12345678");
  const security = {
    suite: 0,
    protection: "authenticated-encrypted",
    encryptionKey: key("encryptionKey", "000102030405060708090A0B0C0D0E0F"),
    authenticationKey: key("authenticationKey", "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF"),
    masterKey: key("masterKey", "505152535455565758595A5B5C5D5E5F"),
    systemTitle: key("meterSystemTitle", "444C4D0000000001"),
  } as const;
  const all: Readonly<Record<string, MockClient>> = {
    none: { clientSap: 16, authentication: { mechanism: "none" } },
    low: { clientSap: 2, authentication: { mechanism: "low", password } },
    "hls-gmac": { clientSap: 1, authentication: { mechanism: "hls-gmac" }, security },
  };
  if (auth?.startsWith("hls-") === true && auth !== "hls-gmac") return [proving(auth, file), all["none"] as MockClient];
  if (auth === undefined) return Object.values(all);
  const only = all[auth];
  if (only === undefined) throw invalid(`--auth ${auth}`, "It is none, low or an hls- mechanism.");
  // The public client stays: it reads the invocation counter.
  return auth === "hls-gmac" ? [only, all["none"] as MockClient] : [{ ...only, clientSap: auth === "none" ? 16 : 1 }];
}

/** A client that proves itself by a secret or a signature, without ciphering. */
function proving(mechanism: string, file: Readonly<Record<string, string>>): MockClient {
  const systemTitle = fromHex(file["meterSystemTitle"] ?? "444C4D0000000001");
  const needed = (name: string) => {
    const value = file[name];
    if (value === undefined) throw invalid(`--auth ${mechanism}`, `Put ${name} into the file of --keys.`);
    return value;
  };
  switch (mechanism) {
    case "hls-md5":
    case "hls-sha1":
    case "hls-sha256": {
      const secret = new TextEncoder().encode(needed("secret"));
      return { clientSap: 1, systemTitle, authentication: { mechanism, secret } };
    }
    case "hls-ecdsa": {
      const privateKey = fromHex(needed("meterSignaturePrivateKey"));
      const peerPublicKey = fromHex(needed("clientSignaturePublicKey"));
      return { clientSap: 1, systemTitle, authentication: { mechanism, privateKey, peerPublicKey } };
    }
    default:
      throw invalid(`--auth ${mechanism}`, "It is none, low or an hls- mechanism.");
  }
}
