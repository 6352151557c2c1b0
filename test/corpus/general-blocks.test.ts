import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ClientAssociation, type ClientAssociationEvent } from "../../src/association/index.js";
import { fromHex } from "../../src/base/index.js";
import { corpus, securityOf } from "../association/captures.js";
import { crypto } from "../association/joined.js";

interface Push {
  readonly id: string;
  readonly hex: string;
  readonly keys: Readonly<Record<string, string>>;
}

/** What each captured push in general blocks comes to: notifications, and what is told beside them. */
const expected: Readonly<Record<string, { notifications: number; notices: readonly string[]; encrypted?: boolean }>> = {
  "lg-e450-ch-gbt3": { notifications: 1, notices: [] },
  "lg-e570-ch-2026": { notifications: 1, notices: [] },
  "lg-e450-ch-extended-register": { notifications: 1, notices: [] },
  "lg-e450-ch": { notifications: 1, notices: ["block-transfer-restarted"] },
  "lg-e450-ch-invalid": { notifications: 0, notices: ["duplicate-block-discarded", "block-lost"] },
  "lg-e450-enc-gbt": { notifications: 1, notices: [], encrypted: true },
  "lg-e570-enc-gbt5": { notifications: 1, notices: [], encrypted: true },
};

/** APDUs of whole HDLC frames glued together. */
function apdusOf(frames: Uint8Array): Uint8Array[] {
  const apdus: Uint8Array[] = [];
  for (let at = 0; at + 3 < frames.length; ) {
    if (frames[at] === 0x7e) {
      at++;
      continue;
    }
    const length = (((frames[at] ?? 0) & 7) << 8) | (frames[at + 1] ?? 0);
    const frame = frames.subarray(at, at + length);
    let header = 2;
    for (let addresses = 0; addresses < 2; header++) if ((frame[header] ?? 1) & 1) addresses++;
    // Control field and header check sequence; the LLC header only where an APDU begins.
    const information = frame.slice(header + 3, -2);
    apdus.push(information[0] === 0xe6 ? information.slice(3) : information);
    at += length;
  }
  return apdus;
}

describe("captured pushes in general blocks", () => {
  if (!corpus) it("reads the corpus", ({ skip }) => skip("set DLMS_CORPUS to the folder that holds it"));
  const pushes = corpus
    ? ["push-hdlc-plain", "push-encrypted"].flatMap(
        (family) => JSON.parse(readFileSync(join(corpus ?? "", `${family}.json`), "utf8")) as Push[],
      )
    : [];
  for (const push of pushes) {
    const outcome = expected[push.id];
    if (!outcome) continue;
    it(push.id, () => {
      const security = {
        ...securityOf({ authenticationKey: "00".repeat(16), ...push.keys }, new Uint8Array(8)),
        protection: "encrypted" as const,
        verify: push.keys["authenticationKey"] ? ("required" as const) : ("off" as const),
      };
      const client = new ClientAssociation(outcome.encrypted ? { crypto, security } : {});
      const events: ClientAssociationEvent[] = [];
      for (const apdu of apdusOf(fromHex(push.hex))) client.receive(apdu, 0);
      for (let event = client.nextEvent(); event; event = client.nextEvent()) events.push(event);
      expect(events.filter(({ type }) => type === "notification")).toHaveLength(outcome.notifications);
      expect(events.flatMap((event) => (event.type === "notice" ? [event.name] : []))).toEqual(outcome.notices);
      expect(client.takeOutput()).toBeUndefined();
    });
  }
});
