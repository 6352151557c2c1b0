import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { secret, signing } from "./keys.js";
import type { Plain } from "./plain.js";
import type { Authentication, Hls, Link } from "./reference-meter.js";

/** What a peer's client read of our mock meter and did to it. A peer that cannot do a thing leaves it out. */
export interface Report {
  readonly peer: string;
  readonly clock: Plain;
  /** Value, then scaler and unit. */
  readonly energy: Plain;
  readonly voltage: Plain;
  /** Three attributes by one GET with a list. */
  readonly list?: Plain;
  /** The object list, rights included. */
  readonly objects: Plain;
  /** The profile: its columns, all rows, entries 3 to 98, and the rows between two points of time. */
  readonly columns: Plain;
  readonly all: Plain;
  readonly entries?: Plain;
  readonly range: Plain;
  /** Texts of 40 octets and of many, written and read back. */
  readonly note: Plain;
  /** Results of writing what is read-only, and of reading what is not there. */
  readonly denied: Plain;
  readonly missing: Plain;
  /** Output state, result of disconnecting, output state, result of reconnecting, output state. */
  readonly switch: Plain;
}

/** What a peer's client is told. */
export interface ClientOptions {
  readonly port: number;
  readonly link: Link;
  readonly authentication: Authentication | Hls;
  readonly password?: string;
  readonly key?: string;
  readonly secret?: string;
  /** Signing keys in hexadecimal: its own, and the meter's public one. */
  readonly privateKey?: string;
  readonly peerPublicKey?: string;
  readonly counter: number;
  /** A new unicast key that it transfers before it reads, and the master key that wraps it. */
  readonly newKey?: string;
  readonly masterKey?: string;
  /** With HLS-GMAC, Gurux alone. Defaults: suite 0, both, service-specific, the global key. */
  readonly suite?: 0 | 1 | 2;
  readonly protection?: "authenticated" | "encrypted" | "authenticated-encrypted";
  readonly general?: boolean;
  readonly dedicated?: boolean;
  /** Propose general block transfer, and APDUs of 512 octets. Gurux alone; default false. */
  readonly generalBlocks?: boolean;
  /** Default `logical-name`. */
  readonly referencing?: "logical-name" | "short-name";
}

/** Bounds of the range read: twelve octets each, with the deviation of the meter's zone on each side of the change. */
export const rangeBounds = { from: "07EA031CFF160000FFFFC400", to: "07EA031DFF06000000FF8880" } as const;

const installed = resolve(".interop");
const peers = resolve("test/interop/peers");
const isWindows = process.platform === "win32";
const python = join(installed, "python", isWindows ? "Scripts/python.exe" : "bin/python");

/** Command line of each client, and of each meter. */
export const clients = {
  jdlms: () => ["java", ...javaOptions(), "Client"],
  "gurux-python": () => [python, join(peers, "gurux-python", "client.py")],
  u9n: () => [python, join(peers, "u9n", "client.py")],
} as const;
export const gatewayClient = (port: number) => [python, join(peers, "gurux-python", "gateway.py"), String(port)];
/** Reads one push, and prints its value. */
export const pushReader = () => [python, join(peers, "gurux-python", "pushes.py")];
export const guruxTranslator = () => ["java", ...javaOptions(), "Translator"];
export const jdlmsCodec = () => ["java", ...javaOptions(), "JdlmsCodec"];
export const meters = {
  jdlms: () => ["java", ...javaOptions(), "Meter"],
  "gurux-java": () => ["java", ...javaOptions(), "GuruxMeter"],
} as const;

/** A program of Gurux's Java library that sends pushes, or waits for one. */
export const pusher = () => ["java", ...javaOptions(), "GuruxPush"];

/** Time that a JVM takes is mostly its compiler's: these programs run for a second or two. */
function javaOptions(): string[] {
  const jars = join(installed, "jars");
  if (!existsSync(jars)) throw new Error("the peers are not installed: run `npm run interop`");
  const path = [join(installed, "classes"), ...readdirSync(jars).map((name) => join(jars, name))];
  return ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-cp", path.join(delimiter)];
}

const usual = {
  suite: 0,
  protection: "authenticated-encrypted",
  general: false,
  dedicated: false,
  generalBlocks: false,
  secret,
  privateKey: signing.client.privateKey,
  peerPublicKey: signing.meter.publicKey,
  password: "12345678",
  key: "000102030405060708090A0B0C0D0E0F",
  referencing: "logical-name",
} as const;

/** Runs a client to its end. Rejects, with what it wrote, when it could not do what it was told. */
export async function runClient(name: keyof typeof clients, options: ClientOptions): Promise<Report> {
  const [command = "", ...first] = clients[name]();
  const told = { ...usual, ...rangeBounds, ...options };
  const rest = Object.entries(told).map(([key, value]) => `${key}=${value}`);
  const child = spawn(command, [...first, ...rest], { stdio: ["ignore", "pipe", "pipe"], timeout: 60_000 });
  let [out, errors] = ["", ""];
  child.stdout.on("data", (text) => {
    out += text;
  });
  child.stderr.on("data", (text) => {
    errors += text;
  });
  const code = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code !== 0) throw new Error(`${name} ended with ${code}: ${(errors || out).slice(-2000)}`);
  return JSON.parse(out.trim().split("\n").at(-1) ?? "") as Report;
}
