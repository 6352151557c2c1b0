// Every form that takes several APDUs, with each APDU of the exchange lost, doubled, held back, or gone with all after it.
import { describe, expect, it } from "vitest";
import type { ServiceRequest, ServiceResponse } from "../../src/association/index.js";
import { changesSomething } from "../../src/association/service.js";
import { toHex } from "../../src/base/index.js";
import { type BlockForm, blockForms } from "./block-forms.js";
import { type Fault, Joined } from "./joined.js";

/** A client may ask in a list or item by item: the meter's answer to an item is the same. */
const pair = ({ client, profile, request, response }: BlockForm) => {
  const asked = request.items.map((item) => text(item));
  const answer = ({ items }: ServiceRequest) =>
    ({ ...response, results: items.map((item) => response.results[asked.indexOf(text(item))]) }) as ServiceResponse;
  return new Joined({ client, profile, answer }).associate();
};

/** Counts the APDUs of the exchange without faults. */
function lengthOf(form: BlockForm): number {
  const joined = pair(form);
  const before = joined.wire.length;
  expect(joined.ask(form.request)).toMatchObject({ type: "response", response: form.response });
  return joined.wire.length - before;
}

/** Strikes the APDU with this number. */
const faults: Record<string, (at: number) => Fault> = {
  lost: (at) => {
    let count = 0;
    return (apdu) => (count++ === at ? [] : [apdu]);
  },
  doubled: (at) => {
    let count = 0;
    return (apdu) => (count++ === at ? [apdu, apdu] : [apdu]);
  },
  "held back behind the next one of its direction": (at) => {
    let count = 0;
    let held: { readonly apdu: Uint8Array; readonly towards: string } | undefined;
    return (apdu, towards) => {
      if (count++ === at) {
        held = { apdu, towards };
        return [];
      }
      if (held?.towards !== towards) return [apdu];
      const late = held.apdu;
      held = undefined;
      return [apdu, late];
    };
  },
  "sent again two APDUs later": (at) => {
    let count = 0;
    const sent: { apdu: Uint8Array; towards: string }[] = [];
    return (apdu, towards) => {
      const old = sent.at(-2);
      sent.push({ apdu, towards });
      return count++ === at && old?.towards === towards ? [old.apdu, apdu] : [apdu];
    };
  },
  "lost, and the four after it": (at) => {
    let count = 0;
    return (apdu) => {
      const index = count++;
      return index >= at && index < at + 5 ? [] : [apdu];
    };
  },
};

/** A message in one short line. */
const text = (message: unknown): string =>
  JSON.stringify(message, (_, value) => (value instanceof Uint8Array ? toHex(value) : value)).replace(
    /[0-9A-F]{60,}/g,
    (octets) => `${octets.slice(0, 16)}..${octets.length / 2}..${octets.slice(-16)}`,
  );

describe("each APDU of an exchange struck in turn: recovered exactly, or reported", () => {
  for (const form of blockForms)
    it(form.name, () => {
      const length = lengthOf(form);
      expect(length).toBeGreaterThan(4);
      for (const [name, fault] of Object.entries(faults))
        for (let at = 0; at < length; at++) {
          const what = `${name} at ${at} of ${length}`;
          const joined = pair(form);
          joined.fault = fault(at);
          const outcome = joined.ask(form.request);
          expect(outcome, what).toBeDefined();
          if (outcome?.type === "response") expect(text(outcome.response), what).toBe(text(form.response));
          // Nothing is carried out but what was asked, and what changes something once at most.
          const asked = form.request.items.map((item) => text(item));
          const served = joined.ofServer("request").flatMap(({ request }) => request.items.map((item) => text(item)));
          expect(asked, what).toEqual(expect.arrayContaining(served));
          if (changesSomething(form.request)) {
            // What goes in one APDU and is doubled below this layer is two requests: links and counters see to that.
            const blocks = served.filter((item) => item.length > 100);
            expect(new Set(blocks).size, what).toBe(blocks.length);
            if (!/doubled|sent again/.test(name)) expect(new Set(served).size, what).toBe(served.length);
            if (outcome?.type === "failed" && served.length > 0)
              expect(outcome.error.outcomeUnknown, `${what}: ${outcome.error.message}`).toBe(true);
          }
          // What comes after is not hurt by it.
          joined.fault = (apdu) => [apdu];
          if (joined.client.state !== "associated") joined.associate();
          const next = joined.ask(form.request);
          expect(next?.type === "failed" ? String(next.error) : text(next?.response), `after ${what}`).toBe(
            text(form.response),
          );
        }
    });
});
