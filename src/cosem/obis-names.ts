/** What common OBIS codes mean, in words for people (IEC 62056-6-1). Not complete, and never needed to read a value. */
import { Obis, type ObisLike } from "./obis.js";

const media: Readonly<Record<number, string>> = {
  1: "electricity",
  4: "heat cost",
  5: "cooling",
  6: "heat",
  7: "gas",
  8: "cold water",
  9: "hot water",
};

/** Value group C 1 to 20 of electricity; 21 to 40 are the same of phase L1, 41 to 60 of L2, 61 to 80 of L3. */
const quantities = [
  "active power import",
  "active power export",
  "reactive power import",
  "reactive power export",
  "reactive power quadrant I",
  "reactive power quadrant II",
  "reactive power quadrant III",
  "reactive power quadrant IV",
  "apparent power import",
  "apparent power export",
  "current",
  "voltage",
  "power factor",
  "frequency",
  "active power, import plus export",
  "active power, import minus export",
  "active power quadrant I",
  "active power quadrant II",
  "active power quadrant III",
  "active power quadrant IV",
] as const;

const otherQuantities: Readonly<Record<number, string>> = {
  81: "phase angle",
  84: "power factor export",
  85: "power factor export L1",
  86: "power factor export L2",
  87: "power factor export L3",
  88: "ampere-squared hours",
  89: "volt-squared hours",
  90: "current, sum of the phases",
  91: "neutral current",
  92: "neutral voltage",
  124: "line voltage L1-L2",
  125: "line voltage L2-L3",
  126: "line voltage L3-L1",
};

/** Value group D of electricity: how the quantity was processed. Integrals over time are energies. */
const processing: Readonly<Record<number, string>> = {
  0: "billing period average",
  2: "cumulative maximum",
  3: "minimum",
  4: "current average",
  5: "last average",
  6: "maximum",
  7: "",
  8: "total",
  9: "since the billing period began",
  10: "above the limit",
  24: "current average",
  25: "last average",
  26: "maximum",
  27: "current average of interval 1",
  28: "current average of interval 2",
  29: "in interval 1",
  30: "in interval 2",
  31: "lower limit threshold",
  32: "undershoots",
  35: "upper limit threshold",
  36: "overshoots",
};
const integrals: ReadonlySet<number> = /* @__PURE__ */ new Set([8, 9, 10, 29, 30]);

/** Codes of C.D.E under value group A 0 or 1; `*` is any E, and stands in the name where it matters. */
const fixedNames: readonly (readonly [media: "0" | "1" | "01", code: string, name: string])[] = [
  ["01", "0.1.0", "billing period counter"],
  ["01", "0.1.2", "time of the last billing period"],
  ["01", "0.2.0", "firmware identifier"],
  ["0", "0.2.1", "firmware version"],
  ["01", "0.2.8", "firmware signature"],
  ["0", "0.9.1", "local time"],
  ["0", "1.0.*", "clock"],
  ["0", "10.*.0", "global reset script table"],
  ["0", "10.*.1", "end of billing period script table"],
  ["0", "10.*.100", "tariff script table"],
  ["0", "10.*.106", "disconnect script table"],
  ["0", "10.*.107", "image activation script table"],
  ["0", "10.*.108", "push script table"],
  ["0", "11.0.*", "special days table"],
  ["0", "12.0.*", "schedule"],
  ["0", "13.0.*", "activity calendar"],
  ["0", "14.0.*", "register activation"],
  ["0", "15.*.0", "end of billing period schedule"],
  ["0", "15.*.1", "disconnect schedule"],
  ["0", "15.*.2", "image activation schedule"],
  ["0", "15.*.4", "push schedule"],
  ["0", "16.1.*", "alarm monitor"],
  ["0", "17.0.*", "limiter"],
  ["0", "20.0.0", "optical port setup"],
  ["0", "21.0.1", "display readout"],
  ["0", "22.0.0", "HDLC setup"],
  ["0", "23.0.0", "twisted pair setup"],
  ["0", "25.0.0", "TCP-UDP setup"],
  ["0", "25.1.0", "IPv4 setup"],
  ["0", "25.4.0", "GPRS modem setup"],
  ["0", "25.6.0", "GSM diagnostic"],
  ["0", "25.9.0", "push setup"],
  ["0", "25.10.0", "NTP setup"],
  ["0", "40.0.0", "current association"],
  ["0", "40.0.*", "association"],
  ["0", "41.0.0", "SAP assignment"],
  ["0", "42.0.0", "logical device name"],
  ["0", "43.0.*", "security setup"],
  ["0", "43.1.*", "invocation counter"],
  ["0", "44.0.*", "image transfer"],
  ["0", "44.1.*", "function control"],
  ["1", "0.0.*", "electricity identification"],
  ["1", "0.4.2", "current transformer ratio, numerator"],
  ["1", "0.4.3", "voltage transformer ratio, numerator"],
  ["1", "0.8.4", "recording interval 1"],
  ["1", "0.8.5", "recording interval 2"],
  ["0", "96.1.0", "serial number"],
  ["0", "96.1.*", "device identification"],
  ["0", "96.2.0", "configuration changes"],
  ["0", "96.3.10", "disconnect control"],
  ["0", "96.5.0", "internal operating status"],
  ["0", "96.6.3", "battery voltage"],
  ["0", "96.7.5", "long power failures"],
  ["0", "96.7.20", "threshold of long power failures"],
  ["0", "96.7.21", "power failures, any phase"],
  ["0", "96.8.0", "operating time"],
  ["0", "96.10.*", "status register"],
  ["0", "96.11.*", "event code"],
  ["0", "96.13.0", "consumer message"],
  ["0", "96.13.1", "consumer message"],
  ["0", "96.14.*", "active tariff"],
  ["01", "97.97.*", "error register"],
  ["0", "97.98.*", "alarm register or filter"],
  ["01", "98.1.*", "billing data"],
  ["01", "99.1.*", "load profile, interval 1"],
  ["01", "99.2.*", "load profile, interval 2"],
  ["0", "99.98.*", "event log"],
];

let byCode: Map<string, string> | undefined;

function fixedName({ a, c, d, e }: Obis): string | undefined {
  byCode ??= new Map(
    fixedNames.flatMap(([where, code, name]) => [...where].map((medium) => [`${medium}:${code}`, name])),
  );
  for (const code of [`${c}.${d}.${e}`, `${c}.*.${e}`, `${c}.${d}.*`]) {
    const name = byCode.get(`${a}:${code}`);
    if (name !== undefined) return name;
  }
  return undefined;
}

function electricityName({ c, d, e }: Obis): string | undefined {
  const phase = c <= 80 ? Math.floor((c - 1) / 20) : 0;
  const quantity = c <= 80 ? quantities[(c - 1) % 20] : otherQuantities[c];
  const kind = processing[d];
  if (quantity === undefined || kind === undefined) return undefined;
  const measured = integrals.has(d) ? quantity.replace("power", "energy") : quantity;
  const tariff = integrals.has(d) && e >= 1 && e <= 63 ? `, rate ${e}` : "";
  return `${measured}${phase === 0 ? "" : ` L${phase}`}${kind === "" ? "" : `, ${kind}`}${tariff}`;
}

/**
 * What an OBIS code means, in a few words; undefined for codes that are not known here, manufacturers' own among them.
 * Channels and billing periods are named where they matter: `active energy import, total, rate 1 (billing period 3)`.
 */
export function describeObis(code: ObisLike): string | undefined {
  const obis = Obis.from(code);
  const name = fixedName(obis) ?? (obis.a === 1 && obis.c > 0 ? electricityName(obis) : undefined);
  const medium = media[obis.a];
  const found = name ?? (obis.a > 1 && medium !== undefined ? medium : undefined);
  if (found === undefined) return undefined;
  const notes = [
    ...(obis.b >= 1 && obis.b <= 64 ? [`channel ${obis.b}`] : []),
    ...(obis.f <= 126 ? [`billing period ${obis.f}`] : []),
  ];
  return notes.length === 0 ? found : `${found} (${notes.join(", ")})`;
}
