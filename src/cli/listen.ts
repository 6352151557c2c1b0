import { toHex } from "../base/index.js";
import {
  type ListenEvent,
  type ListenKeys,
  type ListenOptions,
  listen,
  type PushProtocol,
  type PushReceiver,
  type PushSource,
  type RejectedEvent,
} from "../client/index.js";
import type { LineSettings } from "../transport/index.js";
import { listenerOf } from "./dial-in.js";
import { defaultCounters } from "./key-store.js";
import { loadKeys, readKeyFile } from "./keys.js";
import { hostPort, invalid, wholeNumber } from "./link-options.js";
import { loadObjectNames } from "./object-list.js";
import type { TlsFlags } from "./tls-files.js";
import { jsonValue, valueText } from "./values.js";

export interface ListenFlags extends TlsFlags {
  readonly tcp?: string;
  readonly udp?: string;
  readonly serial?: string;
  readonly host: string;
  readonly baud: string;
  readonly parity: string;
  readonly protocol?: string;
  readonly keys?: string;
  readonly objects?: string;
  readonly confirm?: string;
  readonly counters?: string;
  readonly dialIn?: boolean;
  readonly registry?: string;
  readonly hdlc?: boolean;
  readonly verify?: string;
  readonly json?: boolean;
}

const protocols = ["wrapper", "hdlc", "mbus", "p1"] as const;
const verifications = ["required", "if-key", "off"] as const;

/** Carries out `dlms listen`: prints what meters push, until it is stopped. */
export async function runListen(flags: ListenFlags): Promise<void> {
  if (flags.dialIn === true) return runDialIn(flags);
  const keys = keysOf(flags.keys);
  const protocol = oneOf("--protocol", flags.protocol, protocols);
  const receiver = listen(await sourceOf(flags, protocol), {
    ...(await commonOptions(flags)),
    ...(keys === undefined ? {} : { keys }),
    ...(protocol === undefined ? {} : { protocol }),
  });
  await printPushes(flags, receiver, receiver);
}

/** Pushes of the meters of a registry, and who comes and goes. */
async function runDialIn(flags: ListenFlags): Promise<void> {
  const port = flags.tcp;
  if (port === undefined) throw invalid("where do the meters dial in?", "Give --tcp PORT.");
  if (flags.keys !== undefined) throw invalid("--keys with --dial-in", "The registry has the keys.");
  const { dialInJson, dialInServer, dialInText } = await import("./dial-in.js");
  const server = await dialInServer("--tcp", port, flags, await commonOptions(flags));
  const comingAndGoing = (async () => {
    for await (const event of server.events)
      if (isPlain(flags)) await written(`${JSON.stringify(dialInJson(event))}\n`);
      else await written(dialInText(event));
  })();
  await printPushes(flags, server.pushes, server);
  await comingAndGoing;
}

/** Prints until it is stopped. What was printed is confirmed. */
async function printPushes(
  flags: ListenFlags,
  receiver: PushReceiver,
  source: { readonly name: string },
): Promise<void> {
  const stop = () => void receiver.close();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  try {
    await receiver.ready();
    process.stderr.write(`listening on ${source.name}\n`);
    await receiver.handle((event) =>
      written(isPlain(flags) ? `${JSON.stringify(listenJson(event))}\n` : listenText(event)),
    );
  } finally {
    process.removeListener("SIGINT", stop);
    process.removeListener("SIGTERM", stop);
    await receiver.close();
  }
}

function isPlain({ json }: ListenFlags): boolean {
  return json === true || !process.stdout.isTTY;
}

/** What both ways of listening take. */
async function commonOptions(flags: ListenFlags): Promise<Pick<ListenOptions, "verify" | "objects" | "confirm">> {
  const verify = oneOf("--verify", flags.verify, verifications);
  const { fileCounterStore } = await import("../node/index.js");
  const { confirm, objects } = flags;
  return {
    ...(verify !== undefined && { verify }),
    ...(objects !== undefined && { objects: loadObjectNames(objects) }),
    ...(confirm !== undefined && {
      confirm: { systemTitle: confirm, counters: fileCounterStore(flags.counters ?? defaultCounters()) },
    }),
  };
}

/** An event as JSON: octets in hexadecimal, quantities as value and unit. */
export function listenJson(event: ListenEvent): unknown {
  if (event.type === "rejected") {
    const { type, origin, error, bytes } = event;
    return { type, ...origin, code: error.code, message: error.message, bytes: toHex(bytes) };
  }
  const { type, kind, origin, telegram: _, body: __, objects, ...rest } = event;
  const named = objects.map(({ data: ___, ...object }) => object);
  return jsonValue({ type, kind, ...origin, ...rest, objects: named });
}

/** An event for people: a line for the push, and one for each value. */
export function listenText(event: ListenEvent): string {
  const { line, source, meter } = event.origin;
  const from = [meter, line, source].filter((part) => part !== undefined).join(" ");
  if (event.type === "rejected") return rejectedText(event, from);
  const { systemTitle, dateTime, authenticated } = event;
  const trust = { true: "authentic", false: "NOT VERIFIED", null: "in clear" }[`${authenticated}`];
  const title = systemTitle === undefined ? [] : [toHex(systemTitle)];
  const head = [from, event.kind, ...title, ...(dateTime === undefined ? [] : [dateTime.toString()]), trust];
  const width = Math.max(0, ...event.objects.map(({ obis }) => obis?.toString().length ?? 0));
  const lines = event.objects.map(
    ({ obis, value }) => `  ${(obis?.toString() ?? "").padEnd(width)}  ${valueText(value)}`,
  );
  return `${[head.join("  "), ...lines].join("\n")}\n`;
}

function rejectedText({ error, bytes }: RejectedEvent, from: string): string {
  return `${from}  rejected  ${error.code}: ${error.message} (${bytes.length} octets)\n`;
}

/** Resolves when the reader of the pipe took it: only then is the push confirmed. */
function written(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

async function sourceOf(flags: ListenFlags, protocol: PushProtocol | undefined): Promise<PushSource> {
  const given = [flags.tcp, flags.udp, flags.serial].filter((source) => source !== undefined);
  if (given.length !== 1)
    throw invalid("where do the pushes come from?", "Give one of --tcp PORT, --udp PORT or --serial PATH.");
  const node = await import("../node/index.js");
  const { host } = hostPort(flags.host);
  if (flags.tcp !== undefined) return listenerOf("--tcp", flags.tcp, flags);
  if (flags.udp !== undefined) return node.udpListener({ port: wholeNumber("--udp", flags.udp, 0, 65_535), host });
  if (protocol === "wrapper") throw invalid("--protocol wrapper", "A serial line speaks hdlc, mbus or p1.");
  const line: LineSettings = {
    baudRate: wholeNumber("--baud", flags.baud, 300, 4_000_000),
    dataBits: 8,
    parity: oneOf("--parity", flags.parity, ["none", "even", "odd"]) ?? "none",
    stopBits: 1,
  };
  return node.serial({ path: flags.serial ?? "", line });
}

/**
 * Keys of a file: by system title, so that each meter has its own, or one object of them for all. Without a file those
 * of the environment.
 */
function keysOf(file: string | undefined): readonly ListenKeys[] | ReadonlyMap<string, ListenKeys> | undefined {
  const common = loadKeys(file);
  if (common.encryptionKey !== undefined) {
    const { encryptionKey, authenticationKey, systemTitle } = common;
    const general = file === undefined ? {} : generalOf(readKeyFile(file));
    const keys = { encryptionKey, ...(authenticationKey === undefined ? {} : { authenticationKey }), ...general };
    return [systemTitle === undefined ? keys : { ...keys, systemTitle }];
  }
  if (file === undefined) return undefined;
  const titles = Object.entries(readKeyFile(file));
  return new Map(titles.map(([title, keys]) => [title, keysOfMeter(title, keys)]));
}

function keysOfMeter(title: string, keys: unknown): ListenKeys {
  const isTitle = /^[0-9a-f]{16}$/i.test(title.replace(/[\s:-]/g, ""));
  const { encryptionKey, authenticationKey } = (keys ?? {}) as Readonly<Record<string, unknown>>;
  const general = generalOf(keys);
  if (isTitle && encryptionKey === undefined && general.general !== undefined) return general;
  if (!isTitle || typeof encryptionKey !== "string")
    throw invalid(
      `the key file has no encryption key at "${isTitle ? title : "…"}"`,
      "It holds encryptionKey and authenticationKey as text, for all or below each system title.",
    );
  return { encryptionKey, ...(typeof authenticationKey === "string" ? { authenticationKey } : {}), ...general };
}

/** Keys of general-ciphering and general-signing, under the names that `dlms translate` takes too. */
function generalOf(keys: unknown): Pick<ListenKeys, "general"> {
  const named = (keys ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string) => (typeof named[name] === "string" ? named[name] : undefined);
  const given = {
    masterKey: text("masterKey"),
    agreementPrivateKey: text("keyAgreementPrivateKey"),
    agreementPublicKey: text("keyAgreementPublicKey"),
    signaturePublicKey: text("signerPublicKey"),
    profile: oneOf("profile", text("profile"), ["green-book", "gbcs"] as const),
  };
  const found = Object.entries(given).filter(([, value]) => value !== undefined);
  return found.length === 0 ? {} : { general: Object.fromEntries(found) as NonNullable<ListenKeys["general"]> };
}

function oneOf<T extends string>(flag: string, text: string | undefined, known: readonly T[]): T | undefined {
  if (text === undefined) return undefined;
  const found = known.find((name) => name === text);
  if (found === undefined) throw invalid(`${flag} ${text}`, `It is one of ${known.join(", ")}.`);
  return found;
}
