import { describe, expect, it } from "vitest";
import { defaultProvider as crypto } from "#crypto";
import { decodeApdu } from "../../src/apdu/index.js";
import { connect } from "../../src/client/index.js";
import { DataClass } from "../../src/cosem/index.js";
import { u8 } from "../../src/data/index.js";
import { MockMeter } from "../../src/mock/index.js";
import { type GeneralProtectionKeys, generalProtection } from "../../src/security/index.js";
import { clientTitle, meterTitle, parties } from "../association/parties.js";
import { notepad, pad } from "./with-meter.js";

if (!crypto.ellipticCurves) throw new Error("the provider has elliptic curves");
const curves = crypto.ellipticCurves;

interface Given {
  readonly signing?: boolean;
  readonly keys?: ReturnType<typeof parties>;
  readonly client?: GeneralProtectionKeys;
}

async function session(of: Given = {}) {
  const { signing = false, keys = parties(1) } = of;
  const shared = { ...keys.shared, protection: "authenticated", signing } as const;
  const mock = new MockMeter({
    systemTitle: meterTitle,
    household: { days: 1 },
    objects: [notepad()],
    clients: [
      {
        clientSap: 1,
        authentication: { mechanism: "none" },
        preEstablished: { peerMaxPduSize: 0 },
        security: {
          ...shared,
          systemTitle: meterTitle,
          peerSystemTitle: clientTitle,
          general: generalProtection({ ...keys.meter, profile: "gbcs", messageCode: 0x1001 }),
        },
      },
    ],
  });
  const sent: Uint8Array[] = [];
  const meter = await connect(await mock.endpoint({ link: "wrapper" }), {
    client: 1,
    preEstablished: { conformance: new Set(["access", "get", "set", "action"]) },
    trace: (event) => event.type === "apdu" && sent.push(event.apdu),
    security: {
      ...shared,
      systemTitle: clientTitle,
      meterSystemTitle: meterTitle,
      ciphering: "general-ciphering",
      counterRecovery: { firstCounter: 1000 },
      general: generalProtection({ ...keys.client, profile: "gbcs", messageCode: 0x0059, ...of.client }),
    },
  });
  const close = async () => {
    await meter.close();
    await mock.close();
  };
  return { mock, meter, sent, close };
}

describe("a session in the GBCS profile", () => {
  for (const signing of [false, true])
    it(`reads and writes by ACCESS${signing ? ", signed" : ""}`, async () => {
      const { meter, sent, close } = await session({ signing });
      const note = meter.object(DataClass, pad).value;
      expect(await meter.access([{ get: note }])).toMatchObject([{ ok: true, value: u8(0) }]);
      expect(
        await meter.access([{ set: note, value: u8(7) }, { get: note }, { get: meter.clock("0-0:1.0.0*255").time }]),
      ).toMatchObject([{ ok: true }, { ok: true, value: u8(7) }, { ok: true }]);
      // A write alone: answered, although the service class says that no answer is wanted.
      expect(await meter.access([{ set: note, value: u8(8) }])).toMatchObject([{ ok: true }]);
      expect(sent.map((apdu) => decodeApdu(apdu).type)).toEqual(sent.map(() => "general-ciphering"));
      expect(sent).toHaveLength(6);
      await close();
    });

  it("takes what the meter tells unasked, and reads on", async () => {
    const { mock, meter, sent, close } = await session();
    const note = meter.object(DataClass, pad).value;
    await meter.access([{ get: note }]);
    expect(mock.notify({ classId: 1, obis: pad, attributeId: 2, value: u8(42) })).toBe(1);
    for await (const notification of meter.notifications) {
      expect(notification).toMatchObject({ kind: "event-notification", protection: "authenticated" });
      break;
    }
    expect(await meter.access([{ get: note }])).toMatchObject([{ ok: true }]);
    expect(sent.map((apdu) => decodeApdu(apdu).type)).toEqual(new Array(5).fill("general-ciphering"));
    await close();
  });

  it("under another agreement key nothing is read", async () => {
    const { agreementPrivateKey } = parties(1).client;
    const { meter, close } = await session({ client: { ...(agreementPrivateKey && { agreementPrivateKey }) } });
    await expect(meter.access([{ get: meter.object(DataClass, pad).value }])).rejects.toMatchObject({
      code: "request-refused",
    });
    await close();
  });

  it("with a private key in an HSM, which is asked for each message", async () => {
    const keys = parties(1);
    const asked: string[] = [];
    const agree = async (curve: "P-256" | "P-384", publicKey: Uint8Array) => {
      await new Promise((resolve) => setImmediate(resolve));
      asked.push(curve);
      return curves.agree(curve, keys.pairs.clientAgrees.privateKey, publicKey);
    };
    const agreementPrivateKey = { sign: () => Promise.reject(new Error("no key to sign with")), agree };
    const { meter, close } = await session({ keys, client: { agreementPrivateKey } });
    expect(await meter.access([{ get: meter.object(DataClass, pad).value }])).toMatchObject([{ ok: true }]);
    expect(asked).toEqual(["P-256", "P-256"]);
    await close();
  });

  it("is refused before anything is sent where the options are another profile's", async () => {
    const keys = parties(1);
    const mock = new MockMeter({ systemTitle: meterTitle });
    const refused = connect(await mock.endpoint(), {
      client: 1,
      preEstablished: {},
      security: {
        ...keys.shared,
        systemTitle: clientTitle,
        meterSystemTitle: meterTitle,
        ciphering: "general-ciphering",
        counterRecovery: { firstCounter: 1000 },
        general: generalProtection({ ...keys.client, profile: "gbcs", messageCode: 1 }),
      },
    });
    await expect(refused).rejects.toMatchObject({ code: "invalid-argument" });
    await mock.close();
  });
});
