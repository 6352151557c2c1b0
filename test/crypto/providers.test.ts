import { describe, expect, it } from "vitest";
import { defaultProvider as portableDefault } from "../../src/crypto/default.js";
import { portableProvider, withEllipticCurves } from "../../src/crypto/index.js";
import { defaultProvider as nodeProvider } from "../../src/node/crypto.js";
import { cryptoContract } from "../contracts/crypto.js";

const portable = withEllipticCurves(portableProvider);

cryptoContract(nodeProvider, portable);
cryptoContract(portable, nodeProvider);

describe("portable provider without elliptic curves", () => {
  it("is what platforms other than Node get", () => expect(portableDefault).toBe(portableProvider));
  it("says what is missing for suites 1 and 2", () => {
    expect(portableProvider.ellipticCurves).toBeUndefined();
    expect(() => portableProvider.digest("sha384", new Uint8Array(0))).toThrow(
      expect.objectContaining({ code: "elliptic-curves-missing" }),
    );
  });
});
