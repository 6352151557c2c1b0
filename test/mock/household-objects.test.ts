import { describe, expect, it } from "vitest";
import { conformanceNames } from "../../src/apdu/index.js";
import { AssociationLnV1, decodeAttribute, type InterfaceClass, Obis, SecuritySetupV0 } from "../../src/cosem/index.js";
import { bitText, type Data, decodeData, encodeData, structure, u16 } from "../../src/data/index.js";
import { accessResult, MockMeter, mockClientSaps, mockConformance, mockCredentials } from "../../src/mock/index.js";
import { VirtualClock } from "../../src/transport/index.js";
import { bench, clients } from "../client/mock.js";

const association = Obis.parse("0-0:40.0.0*255").octets;

function setup(wallTime = Date.UTC(2026, 10, 10, 12, 7)) {
  const clock = new VirtualClock({ wallTime });
  const meter = new MockMeter({ clock });
  const context = () => ({ clientSap: mockClientSaps.management, protection: "none", now: clock.wallTime() }) as const;
  const get = (table: InterfaceClass, name: Uint8Array, attributeId: number, access?: [number, Data]) => {
    const attribute = { classId: table.id, instanceId: name, attributeId };
    const item = access && { access: { selector: access[0], parameters: encodeData(access[1]) } };
    const response = meter.device.handle({ service: "get", items: [{ attribute, ...item }] }, context());
    const [result] = response.service === "get" ? response.results : [];
    return result?.ok === true ? decodeData(result.data) : (result?.result ?? -1);
  };
  return { clock, meter, get };
}

describe("Association LN of version 1", () => {
  const { get } = setup();
  it("does not give its secret", () => {
    expect(get(AssociationLnV1, association, 7)).toBe(accessResult.readWriteDenied);
  });
  it("names the partners", () => {
    const partners = get(AssociationLnV1, association, 3) as Data;
    expect(decodeAttribute(AssociationLnV1, "associatedPartnersId", partners)).toEqual({ clientSap: 1, serverSap: 1 });
  });
  it("gives the object list by class and by object", () => {
    const list = (selector: number, parameters: Data) =>
      decodeAttribute(
        AssociationLnV1,
        "objectList",
        get(AssociationLnV1, association, 2, [selector, parameters]) as Data,
      );
    const registers = list(2, { type: "array", value: [u16(3)] });
    expect(registers.length).toBeGreaterThan(4);
    expect(new Set(registers.map(({ classId }) => classId))).toEqual(new Set([3]));
    const own = structure(u16(15), { type: "octet-string", value: association });
    const [one, ...others] = list(4, own);
    expect(others).toEqual([]);
    const secret = one?.accessRights.attributeAccess.find(({ attributeId }) => attributeId === 7);
    expect(secret?.accessMode).toMatchObject({ read: false, write: true });
    expect(get(AssociationLnV1, association, 2, [9, own])).toBe(accessResult.scopeOfAccessViolated);
  });
  it("tells the client what was agreed on", async () => {
    const { clock, connect } = await bench({ link: "wrapper" });
    const proposed = new Set(["get", "multiple-references", "action"] as const);
    const meter = await clock.run(connect({ ...clients.management, conformance: proposed }));
    const context = await clock.run(meter.object(AssociationLnV1, "0-0:40.0.0*255").xDlmsContextInfo.get());
    const block = Number.parseInt(bitText(context.conformance), 2);
    const agreed = [...meter.negotiated.conformance];
    expect(new Set(conformanceNames(block))).toEqual(new Set(agreed));
    expect(agreed.every((name) => mockConformance.has(name))).toBe(true);
    expect(context).toMatchObject({ maxReceivePduSize: 1024, maxSendPduSize: 1024, dlmsVersionNumber: 6 });
    await clock.run(meter.close());
  });
});

it("the security setup can be read", () => {
  const { get } = setup();
  const name = Obis.parse("0-0:43.0.0*255").octets;
  const value = (attribute: "securityPolicy" | "securitySuite" | "serverSystemTitle") =>
    decodeAttribute(
      SecuritySetupV0,
      attribute,
      get(SecuritySetupV0, name, SecuritySetupV0.attributes[attribute].id) as Data,
    );
  expect(value("securityPolicy")).toBe("authenticated-encrypted");
  expect(value("securitySuite")).toBe("suite-0");
  expect(value("serverSystemTitle")).toEqual(mockCredentials.systemTitle);
});

describe("Demand register", () => {
  const quarter = 900_000;
  it("averages whole periods; next_period ends one early; reset clears both", async () => {
    const { clock, connect } = await bench({ link: "wrapper" }, { household: { solarPeak: 0 } });
    const meter = await clock.run(connect(clients.reader));
    const demand = meter.demandRegister("1-0:1.4.0*255");
    const average = async () => (await clock.run(demand.lastAverageValue.get())).raw;
    const before = await clock.run(meter.register("1-0:1.8.0*255").value.get());
    await clock.advance(quarter);
    const after = await clock.run(meter.register("1-0:1.8.0*255").value.get());
    // 12:00 was a boundary, so a whole period lies between the two readings: four times its energy is its power.
    expect(await average()).toBe(4 * (Number(after.raw) - Number(before.raw)));
    expect(await clock.run(demand.captureTime.get())).toMatchObject({});
    expect((await clock.run(demand.currentAverageValue.get())).raw).toBeLessThan(5);
    await clock.advance(quarter / 3);
    await clock.run(demand.nextPeriod());
    expect(Number(await average())).toBeGreaterThan(0);
    const start = await clock.run(demand.startTimeCurrent.get());
    expect(start?.octets[6]).toBe(20);
    await clock.run(demand.reset());
    expect(await average()).toBe(0);
    expect(await clock.run(demand.captureTime.get())).toBeUndefined();
    await clock.run(meter.close());
  });
  it("the maximum is reset for the next billing period", async () => {
    const { clock, connect } = await bench({ link: "wrapper" });
    const meter = await clock.run(connect(clients.reader));
    const maximum = meter.extendedRegister("1-0:1.6.0*255");
    expect(Number((await clock.run(maximum.value.get())).raw)).toBeGreaterThan(500);
    await clock.run(maximum.reset());
    expect((await clock.run(maximum.value.get())).raw).toBe(0);
    await clock.run(meter.close());
  });
});

it("each client that ciphers has a counter of its own to be read", () => {
  const second = { clientSap: 3, authentication: { mechanism: "hls-gmac" } } as const;
  const { encryptionKey, authenticationKey, systemTitle } = mockCredentials;
  const security = { suite: 0, protection: "encrypted", encryptionKey, authenticationKey, systemTitle } as const;
  const clock = new VirtualClock();
  const clientsOfMeter = [1, 3].map((clientSap) => ({ ...second, clientSap, security }));
  const meter = new MockMeter({ clock, clients: clientsOfMeter });
  const names = ["0-0:43.1.0*255", "0-0:43.1.1*255"];
  expect(names.map((name) => meter.device.find(Obis.parse(name).octets)?.classId)).toEqual([1, 1]);
  expect(meter.device.visibleTo(16).map(({ logicalName }) => Obis.fromOctets(logicalName).toString())).toEqual(
    expect.arrayContaining(names),
  );
});
