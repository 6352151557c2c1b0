import { dlmsError } from "../../base/index.js";
import type { ConnectOptions } from "../options.js";
import { type DialectName, type DialectSet, dialects } from "./dialects.js";

/** The dialect itself. @throws UsageError `invalid-argument` for a name that there is not. */
export function dialectSet(given: DialectName | DialectSet | undefined): DialectSet {
  if (given === undefined) return {};
  if (typeof given !== "string") return given;
  if (Object.hasOwn(dialects, given)) return dialects[given].set;
  throw dlmsError("invalid-argument", `there is no dialect ${String(given)}`, {
    layer: "client",
    advice: `It is one of ${Object.keys(dialects).join(", ")}, or a set of your own.`,
  });
}

/** The options with the dialect in the place of what they leave out. */
export function withDialect(options: ConnectOptions): ConnectOptions {
  const { hdlc, tolerances, profile: _, ...rest } = dialectSet(options.dialect);
  return {
    ...rest,
    ...options,
    ...((hdlc ?? options.hdlc) && { hdlc: { ...hdlc, ...options.hdlc } }),
    ...((tolerances ?? options.tolerances) && { tolerances: { ...tolerances, ...options.tolerances } }),
  };
}
