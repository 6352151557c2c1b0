import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Apdu, apduTags, decodeApdu, encodeApdu, inspectApdu } from "../../src/apdu/index.js";
import { DlmsError, toHex } from "../../src/base/index.js";
import { arbitraryApdu, arbitraryApdus } from "./arbitraries.js";

/** Types whose last field reaches to the end, so that a shorter message may be a sound one. */
const openEnded = (apdu: Apdu): boolean =>
  ["gateway-request", "gateway-response", "data-notification", "event-notification-request"].includes(apdu.type) ||
  (apdu.type === "get-response" && apdu.choice === "normal") ||
  (apdu.type === "set-request" && apdu.choice === "normal") ||
  ((apdu.type === "action-request" || apdu.type === "action-response") && apdu.choice === "normal") ||
  (apdu.type === "exception-response" && apdu.serviceError === 6) ||
  apdu.type === "general-signing";

function decodeOrError(bytes: Uint8Array): Apdu | DlmsError {
  try {
    return decodeApdu(bytes);
  } catch (error) {
    if (error instanceof DlmsError) return error;
    throw error;
  }
}

describe("every APDU", () => {
  it("has an arbitrary, so that the properties below hold for all", () => {
    const seen = new Set<string>();
    for (const one of arbitraryApdus) for (const apdu of fc.sample(one, 1)) seen.add((apdu as Apdu).type);
    expect([...seen].sort()).toEqual(Object.keys(apduTags).sort());
  });

  arbitraryApdus.forEach((arbitrary, i) => {
    const { type, choice = "" } = fc.sample(arbitrary, { numRuns: 1, seed: 1 })[0] as { type: string; choice?: string };
    it(`${i} ${type} ${choice}: decodes to what was encoded`, () => {
      fc.assert(
        fc.property(arbitrary as fc.Arbitrary<Apdu>, (apdu) => {
          const bytes = encodeApdu(apdu);
          expect(bytes[0]).toBe(apduTags[apdu.type]);
          expect(decodeApdu(bytes)).toEqual(apdu);
        }),
        { numRuns: 60 },
      );
    });
  });

  it("fails when cut short at any octet, unless its last field is open", () => {
    fc.assert(
      fc.property(arbitraryApdu, (apdu) => {
        const bytes = encodeApdu(apdu);
        for (let length = 0; length < bytes.length; length++) {
          const found = decodeOrError(bytes.subarray(0, length));
          if (found instanceof DlmsError) {
            expect(["truncated", "malformed"]).toContain(found.code);
            expect(found.details.offset).toBeLessThanOrEqual(length);
          } else expect(openEnded(apdu), `${toHex(bytes)} cut to ${length}`).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("fails or decodes to a value that encodes again, whatever octet is changed", () => {
    fc.assert(
      fc.property(arbitraryApdu, fc.nat(), fc.integer({ min: 0, max: 255 }), (apdu, at, octet) => {
        const bytes = encodeApdu(apdu);
        bytes[at % bytes.length] = octet;
        const found = decodeOrError(bytes);
        if (!(found instanceof DlmsError)) expect(decodeApdu(encodeApdu(found))).toEqual(found);
      }),
      { numRuns: 3000 },
    );
  });

  it("takes any octets without another error than its own", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.values(apduTags)), fc.uint8Array({ maxLength: 60 }), (tag, rest) => {
        const found = inspectApdu(Uint8Array.of(tag, ...rest));
        expect(found.apdu?.type).toBeDefined();
      }),
      { numRuns: 3000 },
    );
  });

  it("fails with octets after its end, unless its last field is open", () => {
    fc.assert(
      fc.property(arbitraryApdu, (apdu) => {
        const found = decodeOrError(Uint8Array.of(...encodeApdu(apdu), 0));
        // Behind a user-information they are taken as its own, and found to be too many when that is decoded.
        const joined = (apdu.type === "aare" || apdu.type === "rlre") && apdu.userInformation !== undefined;
        if (!openEnded(apdu) && !joined) expect(found).toBeInstanceOf(DlmsError);
      }),
      { numRuns: 300 },
    );
  });

  it("tells each field with where it lies", () => {
    fc.assert(
      fc.property(arbitraryApdu, (apdu) => {
        const bytes = encodeApdu(apdu);
        const ends = new Map<string, number>();
        decodeApdu(bytes, {
          onField: ({ path, offset, length }) => {
            expect(path.startsWith(apdu.type)).toBe(true);
            expect(offset).toBeGreaterThan(0);
            expect(offset + length).toBeLessThanOrEqual(bytes.length);
            ends.set(path, offset + length);
          },
        });
        if (bytes.length > 3) expect(Math.max(...ends.values())).toBe(bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});
