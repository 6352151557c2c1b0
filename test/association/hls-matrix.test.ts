import { describe, expect, it } from "vitest";
import { type Aare, type Aarq, decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import type { AssociationSecurity, Authentication, Mechanism } from "../../src/association/index.js";
import { clock, crypto, get, hex, Joined } from "./joined.js";
import { clientTitle, meterTitle, parties } from "./parties.js";

const secret = new TextEncoder().encode("a secret of both");
const value = hex("10003C");
const answer = () => ({ service: "get" as const, results: [{ ok: true as const, data: value }] });
type Ends = { readonly client: Authentication; readonly meter: Authentication };
type High = Exclude<Mechanism, "none" | "low">;

/** Reverses: a manufacturer's own way to prove nothing much. */
const manufacturer: Authentication = {
  mechanism: "hls-manufacturer",
  prove: ({ peerChallenge }) => peerChallenge.toReversed(),
  verify: ({ ownChallenge }, proof) => proof.join() === ownChallenge.toReversed().join(),
};

/** What both ends prove themselves by; with P-384 keys where asked. */
function credentials(mechanism: High, keys: ReturnType<typeof parties>): Ends {
  const { clientSigns, meterSigns } = keys.pairs;
  switch (mechanism) {
    case "hls-manufacturer":
      return { client: manufacturer, meter: manufacturer };
    case "hls-gmac":
      return { client: { mechanism }, meter: { mechanism } };
    case "hls-ecdsa":
      return {
        client: { mechanism, privateKey: clientSigns.privateKey, peerPublicKey: meterSigns.publicKey },
        meter: { mechanism, privateKey: meterSigns.privateKey, peerPublicKey: clientSigns.publicKey },
      };
    default:
      return { client: { mechanism, secret }, meter: { mechanism, secret } };
  }
}

const mechanisms: readonly High[] = ["hls-manufacturer", "hls-md5", "hls-sha1", "hls-gmac", "hls-sha256", "hls-ecdsa"];

interface How {
  readonly ends: Ends;
  readonly client?: AssociationSecurity | undefined;
  readonly meter?: AssociationSecurity | undefined;
  readonly fault?: Joined["fault"];
}

/** A manufacturer's hooks are operations that the owner performs. */
function performed(pair: Joined): Joined {
  const done = new Set<number>();
  for (let open = pair.of("key-operation"); open.length > done.size; open = pair.of("key-operation"))
    for (const { id, operation } of open.filter((event) => !done.has(event.id))) {
      done.add(id);
      const outcome = operation.perform();
      if (typeof outcome !== "boolean" && !(outcome instanceof Uint8Array)) throw new Error("answered at once here");
      pair.client.send({ type: "key-answer", id, outcome }, pair.now);
      pair.pump();
    }
  return pair.run();
}

function associated({ ends, client, meter, fault }: How): Joined {
  const pair = new Joined({
    client: { authentication: ends.client, systemTitle: clientTitle, ...(client && { security: client }) },
    profile: { authentication: ends.meter, systemTitle: meterTitle, ...(meter && { security: meter }) },
    answer,
    ...(fault && { fault }),
  });
  pair.client.send({ type: "associate" }, 0);
  return performed(pair.pump());
}

const plainForm = (keys: ReturnType<typeof parties>, protection: AssociationSecurity["protection"]) => ({
  client: { ...keys.shared, protection, systemTitle: clientTitle } as AssociationSecurity,
  meter: { ...keys.shared, protection, systemTitle: meterTitle } as AssociationSecurity,
});

/** Changes the AARQ or AARE on its way. */
const altering =
  (
    change: Partial<Aarq> | Partial<Aare> | ((apdu: Aarq | Aare) => Partial<Aarq> | Partial<Aare>),
    tag: 0x60 | 0x61,
  ): Joined["fault"] =>
  (apdu) => {
    if (apdu[0] !== tag) return [apdu];
    const decoded = decodeApdu(apdu) as Aarq | Aare;
    const changed = typeof change === "function" ? change(decoded) : change;
    return [encodeApdu({ ...decoded, ...changed } as Aarq | Aare)];
  };
const challengeOf = (octets: Uint8Array) =>
  ({ respondingAuthenticationValue: { choice: "charstring", value: octets } }) as const;
const ofClient = (octets: Uint8Array) =>
  ({ callingAuthenticationValue: { choice: "charstring", value: octets } }) as const;

describe("HLS: every mechanism with every suite", () => {
  for (const mechanism of mechanisms)
    for (const suite of [0, 1, 2] as const)
      for (const protection of ["none", "authenticated", "authenticated-encrypted"] as const) {
        it(`${mechanism}, suite ${suite}, ${protection}`, () => {
          const keys = parties(suite);
          const pair = associated({ ends: credentials(mechanism, keys), ...plainForm(keys, protection) });
          expect(pair.of("rejected")).toEqual([]);
          expect(pair.ask(get(clock))).toMatchObject({ response: { results: [{ ok: true, data: value }] } });
          expect(pair.wire[0]?.apdu.length).toBeGreaterThan(0);
          const aarq = decodeApdu(pair.wire[0]?.apdu ?? new Uint8Array()) as Aarq;
          expect(aarq.callingAuthenticationValue?.value).toHaveLength(mechanism === "hls-ecdsa" ? 32 : 16);
        });
      }

  for (const suite of [1, 2] as const)
    it(`hls-ecdsa without any security options: the curve of the keys counts, ${suite === 1 ? "P-256" : "P-384"}`, () => {
      const pair = associated({ ends: credentials("hls-ecdsa", parties(suite)) });
      expect(pair.client.state).toBe("associated");
    });

  it("hls-ecdsa with P-384 beside suite 0 and suite 1", () => {
    for (const suite of [0, 1] as const) {
      const ends = credentials("hls-ecdsa", parties(2));
      expect(associated({ ends, ...plainForm(parties(suite), "authenticated-encrypted") }).client.state).toBe(
        "associated",
      );
    }
  });

  it("a public key of no curve is refused before anything is proven", () => {
    const { client, meter } = credentials("hls-ecdsa", parties(1));
    const pair = associated({
      ends: { client: { ...client, peerPublicKey: new Uint8Array(63) } as Authentication, meter },
    });
    expect(pair.of("rejected")).toMatchObject([{ error: { code: "invalid-public-key" } }]);
  });
});

describe("HLS: what is refused, for every mechanism", () => {
  for (const mechanism of mechanisms) {
    const keys = parties(1);
    const ends = credentials(mechanism, keys);
    const form = plainForm(keys, mechanism === "hls-gmac" ? "authenticated-encrypted" : "none");
    const other = parties(1);

    it(`${mechanism}: the wrong secret or key, on either side`, () => {
      const wrong = {
        "hls-manufacturer": { ...manufacturer, prove: () => hex("00"), verify: () => false },
        "hls-gmac": ends.client,
        "hls-ecdsa": { ...ends.client, privateKey: other.pairs.clientSigns.privateKey },
      } as Partial<Record<High, Authentication>>;
      const client = wrong[mechanism] ?? ({ mechanism, secret: secret.toReversed() } as Authentication);
      const ownKeys = { ...form.client, authenticationKey: new Uint8Array(16).fill(9) };
      const pair = associated({
        ends: { ...ends, client },
        ...form,
        ...(mechanism === "hls-gmac" && { client: ownKeys }),
      });
      expect(pair.of("associated")).toEqual([]);
      expect(pair.of("rejected")).toHaveLength(1);
      expect(pair.ofServer("associated")).toEqual([]);
    });

    it(`${mechanism}: a meter that cannot prove itself is not believed`, () => {
      const faulty: Joined["fault"] = (apdu, towards) => {
        // Pass 4 alone: the proof is the end of an action-response that is not ciphered, or is altered as a whole.
        if (towards === "server" || apdu[0] === 0x61) return [apdu];
        const altered = apdu.slice();
        altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
        return [altered];
      };
      const pair = associated({ ends, ...form, fault: faulty });
      expect(pair.of("associated")).toEqual([]);
      const code = mechanism === "hls-gmac" ? "authentication-failed" : "hls-authentication-failed";
      expect(pair.of("rejected")).toMatchObject([{ error: { code } }]);
    });

    it(`${mechanism}: our own challenge sent back by the meter, and by a client to itself`, () => {
      let own = new Uint8Array();
      const reflecting: Joined["fault"] = (apdu) => {
        if (apdu[0] === 0x60)
          own = new Uint8Array((decodeApdu(apdu) as Aarq).callingAuthenticationValue?.value as Uint8Array);
        return altering(() => challengeOf(own), 0x61)(apdu, "client", 0);
      };
      const pair = associated({ ends, ...form, fault: reflecting });
      expect(pair.of("rejected")).toMatchObject([{ error: { code: "hls-challenge-invalid" } }]);
      expect(pair.wire.filter(({ towards }) => towards === "server")).toHaveLength(1);
    });

    const [shortest, longest] = mechanism === "hls-ecdsa" ? [32, 64] : [8, 64];
    for (const length of [shortest - 1, longest + 1]) {
      it(`${mechanism}: a challenge of ${length} octets of the meter`, () => {
        const fault = altering(challengeOf(new Uint8Array(length).fill(5)), 0x61);
        const pair = associated({ ends, ...form, fault });
        expect(pair.of("rejected")).toMatchObject([{ error: { code: "hls-challenge-invalid" } }]);
        expect(pair.wire.filter(({ towards }) => towards === "server")).toHaveLength(1);
      });

      it(`${mechanism}: a challenge of ${length} octets of the client`, () => {
        const pair = associated({ ends, ...form, fault: altering(ofClient(new Uint8Array(length).fill(5)), 0x60) });
        expect(pair.of("rejected")).toMatchObject([{ error: { code: "authentication-refused" } }]);
      });
    }

    for (const length of [shortest, longest])
      it(`${mechanism}: a challenge of ${length} octets of the meter is answered`, () => {
        const fault = altering(challengeOf(new Uint8Array(length).fill(5)), 0x61);
        const pair = associated({ ends, ...form, fault });
        // The meter did not send it, so the proof is for another one: what counts is that one was given.
        expect(pair.wire.filter(({ towards }) => towards === "server")).toHaveLength(2);
      });

    it(`${mechanism}: another mechanism answered than asked for`, () => {
      const fault = altering({ mechanismName: "2.16.756.5.8.2.1" }, 0x61);
      const pair = associated({ ends, ...form, fault });
      expect(pair.of("rejected")).toMatchObject([{ error: { code: "weaker-than-policy" } }]);
    });

    it(`${mechanism}: accepted at once, without a challenge: nothing is believed`, () => {
      const strip = ({ type, ...rest }: Aarq | Aare) => {
        const { respondingAuthenticationValue: _, ...bare } = rest as Aare;
        return { ...bare, type } as Aare;
      };
      const fault: Joined["fault"] = (apdu) =>
        apdu[0] === 0x61 ? [encodeApdu(strip(decodeApdu(apdu) as Aare))] : [apdu];
      const pair = associated({ ends, ...form, fault });
      expect(pair.of("rejected")).toMatchObject([{ error: { code: "hls-challenge-invalid" } }]);
    });

    it(`${mechanism}: pass 4 missing: not associated, and not tried again`, () => {
      let passes = 0;
      const fault: Joined["fault"] = (apdu, towards) => {
        if (towards === "server" && apdu[0] !== 0x60) passes += 1;
        return towards === "client" && apdu[0] !== 0x61 ? [] : [apdu];
      };
      const pair = associated({ ends, ...form, fault });
      expect(pair.of("associated")).toEqual([]);
      expect(pair.of("rejected")).toMatchObject([{ error: { code: "timeout" } }]);
      expect(passes).toBe(1);
    });

    it(`${mechanism}: no password goes out where better was asked for, whatever the meter wants`, () => {
      const low = { mechanism: "low", password: secret } as const;
      const pair = associated({ ends: { client: ends.client, meter: low }, ...form });
      expect(pair.of("rejected")).toHaveLength(1);
      const sent = pair.wire.filter(({ towards }) => towards === "server").map(({ apdu }) => decodeApdu(apdu) as Aarq);
      expect(sent.map(({ mechanismName }) => mechanismName)).not.toContain("2.16.756.5.8.2.1");
      expect(sent).toHaveLength(1);
    });
  }

  for (const mechanism of ["hls-gmac", "hls-sha256", "hls-ecdsa"] as const)
    it(`${mechanism}: a foreign system title`, () => {
      const keys = parties(1);
      const form = plainForm(keys, mechanism === "hls-gmac" ? "authenticated-encrypted" : "none");
      const foreign = hex("4D45540000000009");
      const expecting = { ...form.client, peerSystemTitle: foreign };
      const named = associated({ ends: credentials(mechanism, keys), ...form, client: expecting });
      expect(named.of("rejected")).toMatchObject([{ error: { code: "wrong-system-title" } }]);
      // A title put into the AARE on its way is part of what is proven.
      const fault = altering({ respondingApTitle: foreign }, 0x61);
      const swapped = associated({ ends: credentials(mechanism, keys), ...form, fault });
      expect(swapped.of("associated")).toEqual([]);
      expect(swapped.of("rejected")).toHaveLength(1);
    });
});

describe("challenges", () => {
  it("are drawn anew for each association", () => {
    const keys = parties(0);
    const pair = associated({ ends: credentials("hls-sha256", keys) });
    pair.client.send({ type: "release" }, 0);
    pair.run().associate();
    const challenges = pair.wire
      .filter(({ apdu }) => apdu[0] === 0x60)
      .map(({ apdu }) => String((decodeApdu(apdu) as Aarq).callingAuthenticationValue?.value));
    expect(new Set(challenges).size).toBe(2);
    expect(crypto.randomBytes(16)).not.toEqual(crypto.randomBytes(16));
  });
});
