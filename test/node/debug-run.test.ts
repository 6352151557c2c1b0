import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import createDebug from "debug";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/base/index.js";
import {
  type AuthenticationOptions,
  type ConnectOptions,
  changeKeys,
  connect,
  type Meter,
  type SecurityOptions,
  type TraceEvent,
} from "../../src/client/index.js";
import { octets } from "../../src/data/index.js";
import { type MockClient, MockMeter, mockCredentials } from "../../src/mock/index.js";
import { debugTrace, fileSink, nodeCryptoProvider, pcapSink } from "../../src/node/index.js";
import { SecretKey, type SuiteId } from "../../src/security/index.js";

const curves = nodeCryptoProvider.ellipticCurves;
if (curves === undefined) throw new Error("no elliptic curves");
const own = { "P-256": curves.generateKeyPair("P-256"), "P-384": curves.generateKeyPair("P-384") };
const peer = { "P-256": curves.generateKeyPair("P-256"), "P-384": curves.generateKeyPair("P-384") };
const random = (length: number) => nodeCryptoProvider.randomBytes(length);
const text = (letters: string) => new TextEncoder().encode(letters);

let folder = "";
const printed: string[] = [];
const before = createDebug.log;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "dlms-debug-run-"));
  createDebug.enable("*");
  createDebug.log = (...args: unknown[]) => void printed.push(inspect(args, { depth: 10 }), args.join(" "));
});
afterAll(async () => {
  createDebug.disable();
  createDebug.log = before;
  await rm(folder, { recursive: true, force: true });
});

/** Every form in which octets may have come out. */
function formsOf(secret: Uint8Array): readonly string[] {
  const hex = toHex(secret);
  return [
    hex,
    hex.toLowerCase(),
    hex.replace(/..(?=.)/g, "$& "),
    hex.toLowerCase().replace(/..(?=.)/g, "$& "),
    hex.toLowerCase().replace(/..(?=.)/g, "$&:"),
    Buffer.from(secret).toString("base64").replace(/=+$/, ""),
    Buffer.from(secret).toString("base64url"),
    Buffer.from(secret).toString("latin1"),
    [...secret].join(","),
    [...secret].join(", "),
  ];
}

/** A session in which everything is asked that touches secrets, with everything shown that can be shown. */
async function wholeRun(
  name: string,
  meterClient: Omit<MockClient, "clientSap">,
  options: ConnectOptions,
  change: Uint8Array,
  masterKey: SecretKey,
) {
  const shown: string[] = [];
  const show = (value: unknown) => {
    shown.push(inspect(value, { depth: 12, showHidden: true, maxArrayLength: null, maxStringLength: null }));
    shown.push(String(value), JSON.stringify(value) ?? "");
    if (value instanceof Error) shown.push(value.stack ?? "", JSON.stringify({ ...value }));
  };
  const recording = join(folder, `${name}.ndjson`);
  const capture = join(folder, `${name}.pcap`);
  const sink = pcapSink(capture);
  const debug = debugTrace();
  const trace = (event: TraceEvent) => {
    debug(event);
    sink(event);
    show(event);
  };
  const mock = new MockMeter({
    clients: [
      { clientSap: 16, authentication: { mechanism: "none" } },
      { clientSap: 1, ...meterClient },
    ],
    observe: (_, event) => show(event),
  });
  const endpoint = await mock.endpoint({ link: "wrapper" });
  const attempt = async (task: () => Promise<unknown>) => show(await task().catch((error: unknown) => error));
  const open = (more: ConnectOptions = {}) => connect(endpoint, { client: 1, trace, ...options, ...more });
  const file = fileSink(recording);
  const meter: Meter = await open();
  meter.record(file);
  await attempt(() => meter.clock("0-0:1.0.0").time.get());
  await attempt(() => meter.objects());
  await attempt(() => meter.raw(15, "0-0:40.0.0").set(7, octets(text("a-new-password-1"))));
  await attempt(() => meter.raw(15, "0-0:40.0.0").get(7));
  await attempt(() => meter.raw(15, "0-0:40.0.0").invoke(2, octets(text("a-new-hls-secret"))));
  await attempt(() => meter.raw(64, "0-0:43.0.0").get(2));
  await changeKeys(meter, { encryptionKey: change }, { masterKey });
  await attempt(() => meter.clock("0-0:1.0.0").time.get());
  show([meter, endpoint, options, meter.negotiated, meter.statistics, meter.register("1-0:1.8.0")]);
  await meter.close();
  // With keys that do not fit, and against a meter that is gone.
  expect(mock.securitySetup(1)?.keys.get("global-unicast-encryption")?.use(toHex)).toBe(toHex(change));
  const { security } = options;
  if (security !== undefined)
    await attempt(() => open({ security: { ...security, encryptionKey: wrongKeyOf(security) } }));
  await mock.close();
  await attempt(() => open());
  await file.close();
  await sink.close();
  show([meter, mock.device]);
  return [...shown, ...printed.splice(0), await readFile(recording, "latin1"), await readFile(capture, "latin1")].join(
    "\n",
  );
}

const wrongKeyOf = ({ encryptionKey }: SecurityOptions) =>
  new Uint8Array((encryptionKey as SecretKey).length).fill(0xa5);

const systemTitle = "4142430000000009";
const meterTitle = mockCredentials.systemTitle;

describe("a whole debug run shows no secret", () => {
  for (const suite of [0, 1, 2] as const satisfies readonly SuiteId[]) {
    const length = suite === 2 ? 32 : 16;
    const curve = suite === 2 ? "P-384" : "P-256";
    const secret = text("the-shared-secret");
    const mechanisms: Readonly<
      Record<string, readonly [MockClient["authentication"], AuthenticationOptions, Record<string, Uint8Array>]>
    > = {
      none: [{ mechanism: "none" }, { mechanism: "none" }, {}],
      low: [{ mechanism: "low", password: secret }, { mechanism: "low", password: secret }, { secret }],
      "hls-md5": [{ mechanism: "hls-md5", secret }, { mechanism: "hls-md5", secret }, { secret }],
      "hls-sha1": [{ mechanism: "hls-sha1", secret }, { mechanism: "hls-sha1", secret }, { secret }],
      "hls-gmac": [{ mechanism: "hls-gmac" }, { mechanism: "hls-gmac" }, {}],
      "hls-sha256": [{ mechanism: "hls-sha256", secret }, { mechanism: "hls-sha256", secret }, { secret }],
      "hls-ecdsa": [
        { mechanism: "hls-ecdsa", privateKey: peer[curve].privateKey, peerPublicKey: own[curve].publicKey },
        { mechanism: "hls-ecdsa", privateKey: own[curve].privateKey, peerPublicKey: peer[curve].publicKey },
        { ownPrivateKey: own[curve].privateKey, meterPrivateKey: peer[curve].privateKey },
      ],
    };
    for (const [mechanism, [ofMeter, ofClient, used]] of Object.entries(mechanisms))
      for (const ciphering of ["service", "general"] as const)
        it(`suite ${suite}, ${mechanism}, ${ciphering} ciphering with a dedicated key, keys transferred`, async () => {
          const keys = { encryptionKey: random(length), authenticationKey: random(length), masterKey: random(length) };
          const newKey = random(length);
          const wrapped = Object.fromEntries(
            Object.entries(keys).map(([name, key]) => [name, new SecretKey(key)]),
          ) as Record<keyof typeof keys, SecretKey>;
          const shown = await wholeRun(
            `${suite}-${mechanism}-${ciphering}`,
            {
              authentication: ofMeter,
              security: { suite, protection: "authenticated-encrypted", systemTitle: meterTitle, ...keys },
            },
            { authentication: ofClient, security: { suite, ...wrapped, systemTitle, ciphering, dedicatedKey: true } },
            newKey,
            wrapped.masterKey,
          );
          expect(shown.length).toBeGreaterThan(20_000);
          const secrets = {
            ...keys,
            ...used,
            newKey,
            wrong: new Uint8Array(length).fill(0xa5),
            password: text("a-new-password-1"),
            hlsSecret: text("a-new-hls-secret"),
          };
          for (const [name, octetsOf] of Object.entries(secrets))
            for (const form of formsOf(octetsOf))
              expect(shown.includes(form), `${name} as ${form.slice(0, 4)}…`).toBe(false);
        });
  }

  it("and would find one that is shown", () => {
    const key = random(16);
    for (const form of formsOf(key)) expect(`before ${form} after`.includes(form)).toBe(true);
    const careless = { key };
    expect(formsOf(key).some((form) => JSON.stringify(Object.values(careless.key)).includes(form))).toBe(true);
    expect(inspect(new SecretKey(key), { showHidden: true, depth: 9 })).toBe("SecretKey(hidden)");
  });
});
