import type { Data } from "../../data/index.js";
import type { PushEvent } from "../listen/index.js";
import type { Claim } from "./registry.js";

/** A name longer than this is none: the standard has 16 octets, some meters put a longer text there. */
const longestName = 64;

/** A name as text; undefined where the data is no text. */
export function textOf(data: Data): string | undefined {
  if (data.type === "visible-string" || data.type === "utf8-string")
    return data.value.length <= longestName ? data.value : undefined;
  if (data.type !== "octet-string" || data.value.length > longestName) return undefined;
  const octets = [...data.value];
  return octets.every((octet) => octet >= 0x20 && octet < 0x7f) ? String.fromCharCode(...octets) : undefined;
}

/** What a push says of its sender: the title it was ciphered under, and the logical device name among its values. */
export function claimOf({ systemTitle, objects }: PushEvent): Claim {
  const named = objects.find(({ obis }) => obis !== undefined && String(obis) === "0-0:42.0.0*255");
  const logicalDeviceName = named && textOf(named.data);
  return {
    ...(systemTitle !== undefined && { systemTitle }),
    ...(logicalDeviceName !== undefined && { logicalDeviceName }),
  };
}
