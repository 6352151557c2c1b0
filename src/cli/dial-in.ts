import type { ConnectOptions, Meter } from "../client/index.js";
import type { DialIn, DialInEvent, DialInOptions } from "../node/index.js";
import type { Listener } from "../transport/index.js";
import { defaultCounters } from "./key-store.js";
import type { LinkFlags } from "./link-flags.js";
import { hostPort, invalid, ownSystemTitle, wholeNumber } from "./link-options.js";
import { type TlsFlags, tlsTrust, wantsTls } from "./tls-files.js";
import { jsonValue } from "./values.js";

/** Where meters dial in, and which. */
export interface DialInFlags extends TlsFlags {
  readonly host: string;
  readonly registry?: string;
  readonly counters?: string;
  readonly hdlc?: boolean;
}

/** A listener on TCP, or on TLS where a certificate is given. */
export async function listenerOf(flag: string, port: string, flags: DialInFlags): Promise<Listener> {
  const node = await import("../node/index.js");
  const where = { port: wholeNumber(flag, port, 0, 65_535), host: hostPort(flags.host).host };
  if (!wantsTls({ ...flags, tcp: port })) return node.tcpListener(where);
  const { certificate, key, ...trust } = tlsTrust(flags);
  if (certificate === undefined || key === undefined)
    throw invalid("--tls without a certificate", "Give our own by --tls-cert and --tls-key.");
  return node.tlsListener({ ...where, certificate, key, ...trust });
}

/** A server for the meters of a registry file. */
export async function dialInServer(
  flag: string,
  port: string,
  flags: DialInFlags,
  options: Pick<DialInOptions, "verify" | "objects" | "confirm"> = {},
): Promise<DialIn> {
  if (flags.registry === undefined)
    throw invalid("which meters may dial in?", "Give --registry FILE; docs/push.md tells what is in it.");
  const { dialIn, fileCounterStore, loadRegistry } = await import("../node/index.js");
  const counters = fileCounterStore(flags.counters ?? defaultCounters());
  const registry = loadRegistry(flags.registry, { counters, systemTitle: ownSystemTitle });
  return dialIn(await listenerOf(flag, port, flags), {
    registry,
    link: flags.hdlc === true ? "hdlc" : "wrapper",
    confirm: { systemTitle: ownSystemTitle, counters },
    ...options,
  });
}

/** A meter of the registry, once it has dialled in; `close` ends the waiting for others too. */
export async function meterThatDialsIn(
  flags: LinkFlags,
  { signal, ...watching }: Pick<ConnectOptions, "signal" | "trace">,
): Promise<{ readonly meter: Meter; close(): Promise<void> }> {
  const { meter: name, within = "3600", dialIn: port = "" } = flags;
  if (name === undefined) throw invalid("which meter?", "Name one of the registry by --meter NAME.");
  const server = await dialInServer("--dial-in", port, { ...flags, host: flags.host ?? "0.0.0.0" });
  const close = () => server.close();
  try {
    await server.ready();
    process.stderr.write(`waiting for ${name} on ${server.name}\n`);
    void report(server);
    // What it pushes meanwhile is not confirmed: whoever listens for pushes will get it.
    const withinMs = 1000 * wholeNumber("--within", within, 1, 86_400);
    return { meter: await server.meter(name, { ...(signal && { signal }), connect: watching, withinMs }), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Who comes and goes, on standard error. */
async function report(server: DialIn): Promise<void> {
  for await (const event of server.events) process.stderr.write(dialInText(event));
}

/** An event of a dial-in server for people. */
export function dialInText(event: DialInEvent): string {
  const { type, address } = event;
  const name = "meter" in event ? event.meter : undefined;
  const how = event.type === "connected" ? `by ${event.by}${event.proven ? "" : ", unproven"}` : undefined;
  const why = "error" in event && event.error !== undefined ? `${event.error.code}: ${event.error.message}` : undefined;
  return `${[address, type, name, how, why].filter((part) => part !== undefined).join("  ")}\n`;
}

/** The same as JSON. */
export function dialInJson(event: DialInEvent): unknown {
  if (!("error" in event) || event.error === undefined) return jsonValue({ ...event });
  const { error, ...rest } = event;
  return jsonValue({ ...rest, code: error.code, message: error.message });
}
