import type { ConnectOptions } from "../options.js";
import type { ProfileOptions } from "../profile-options.js";

/**
 * What is to be done otherwise for a family of meters. Plain data: it may be saved as JSON and given again. What the
 * options of `connect` say goes before it.
 */
export interface DialectSet
  extends Pick<ConnectOptions, "tolerances" | "release" | "maxPduSize" | "retries" | "invokeIds"> {
  readonly hdlc?: Pick<
    NonNullable<ConnectOptions["hdlc"]>,
    | "disconnectFirst"
    | "ignoreSendSequence"
    | "responseTimeoutMs"
    | "interOctetTimeoutMs"
    | "maxInfoReceive"
    | "maxInfoTransmit"
  >;
  /** How profiles are read unless `meter.profile` says otherwise. */
  readonly profile?: Pick<ProfileOptions, "invertDeviation" | "nullData" | "utcOffsetMinutes" | "forms">;
}

/** A named dialect: for whom it is, where that is known from, and what it sets. */
export interface Dialect {
  readonly meters: string;
  /** Where it was seen. */
  readonly seen: string;
  /** Three letters of the manufacturer, as identification, logical device name and system title begin, with the model. */
  readonly identifies?: { readonly manufacturer: string; readonly model: RegExp };
  readonly set: DialectSet;
}

/** Named quirk sets. Only meters that were seen to need one have one. */
export const dialects = {
  "hexing-hxe130": {
    meters: "Hexing HXE130",
    seen: "gurux-dlms-ts, patch 0001 and commit bae5b28",
    set: { hdlc: { ignoreSendSequence: true, disconnectFirst: true } },
  },
  "kaifa-ma309": {
    meters: "Kaifa MA309",
    seen: "amsreader issue 809",
    identifies: { manufacturer: "KFM", model: /MA309/ },
    set: { profile: { invertDeviation: true } },
  },
  strict: {
    meters: "none: for tests of conformance, every deviation that can be refused is refused",
    seen: "IEC 62056-5-3, IEC 62056-46",
    set: {
      tolerances: {
        releaseUnanswered: false,
        acceptanceWithoutInitiate: false,
        otherApplicationContext: false,
        blocksNotNegotiated: false,
      },
    },
  },
} as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof dialects;

/** What a meter tells of itself before it is asked for more. */
export interface MeterIdentity {
  /** Manufacturer and identification of the IEC 62056-21 sign-on, as the notice `identified` gives them, or the LDN as text. */
  readonly identification?: string;
  /** Logical device name, 0-0:42.0.0*255, as text. */
  readonly logicalDeviceName?: string;
}

/** The dialect of a meter by what it tells of itself; undefined when none is known to be needed. */
export function dialectFor({ identification = "", logicalDeviceName = "" }: MeterIdentity): DialectName | undefined {
  const told = [identification, logicalDeviceName].map((text) => text.replace(/^\//, ""));
  for (const [name, { identifies }] of Object.entries<Dialect>(dialects)) {
    if (identifies === undefined) continue;
    const { manufacturer, model } = identifies;
    if (told.some((text) => text.startsWith(manufacturer)) && told.some((text) => model.test(text)))
      return name as DialectName;
  }
  return undefined;
}
