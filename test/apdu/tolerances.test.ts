import { describe, expect, it } from "vitest";
import { type Apdu, apduTolerances, decodeApdu, encodeApdu } from "../../src/apdu/index.js";
import { fromHex, type Notice, toHex } from "../../src/base/index.js";

/** Every tolerance that a test of this file made fire. */
const told = new Set<string>();

function read(hex: string): { apdu: Apdu; notices: readonly string[] } {
  const notices: Notice[] = [];
  const apdu = decodeApdu(fromHex(hex), { onNotice: (notice) => notices.push(notice) });
  for (const { name } of notices) told.add(name);
  return { apdu, notices: notices.map(({ name }) => name) };
}

const accepted = "A1 09 06 07 60857405080101 A2 03 02 01 00 A3 05 A1 03 02 01 00";
const initiateResponse = "08 00 06 5F1F 04 00 00501F 01F4 0007";

describe("deviations of real peers, each read and named", () => {
  it("AARE without user-information", () => {
    const { apdu, notices } = read(`61 17 ${accepted}`);
    expect(apdu).not.toHaveProperty("userInformation");
    expect(notices).toEqual(["user-information-missing"]);
  });

  it("AARE with an explicit protocol-version", () => {
    const hex = `61 2D 80 02 07 80 ${accepted} BE 10 04 0E ${initiateResponse}`;
    const { apdu, notices } = read(hex);
    expect(apdu).toMatchObject({ protocolVersion: { length: 1, bytes: Uint8Array.of(0x80) } });
    expect(notices).toEqual(["protocol-version-explicit"]);
    expect(toHex(encodeApdu(apdu))).toBe(toHex(fromHex(hex)));
  });

  it("RLRE whose length counts only the reason, with user-information behind it", () => {
    const { apdu, notices } = read(`63 03 80 01 00 BE 10 04 0E ${initiateResponse}`);
    expect(apdu).toMatchObject({ reason: 0, userInformation: fromHex(initiateResponse) });
    expect(notices).toEqual(["acse-length-short"]);
  });

  it("AARE whose lengths are all one short, as of a peer that counts the conformance tag as one octet", () => {
    const { apdu, notices } = read(`61 28 ${accepted} BE 0F 04 0D ${initiateResponse}`);
    expect(apdu).toMatchObject({ userInformation: fromHex(initiateResponse) });
    expect(notices).toEqual(["acse-length-short"]);
  });

  it("RLRE whose lengths are short around an APDU whose own is right", () => {
    const { apdu, notices } = read(`63 11 80 01 00 BE 0F 04 0E ${initiateResponse}`);
    expect(apdu).toMatchObject({ reason: 0, userInformation: fromHex(initiateResponse) });
    expect(notices).toEqual(["acse-length-short"]);
    for (const inner of ["0D", "0F"])
      expect(() => read(`63 11 80 01 00 BE 0F 04 ${inner} ${initiateResponse}`)).toThrowError();
  });

  it("a request is not stretched: AARQ with octets behind its length fails", () => {
    expect(() => read("60 0B A1 09 06 07 60857405080101 BE 03 04 01 01")).toThrowError(/octets after the end/);
  });

  it("an AARE with octets behind it that are no fields fails", () => {
    for (const tail of ["00", "80 80", "80 82 01", "30 01 00"])
      expect(() => read(`61 17 ${accepted} ${tail}`), tail).toThrowError(/octets after the end/);
  });

  it("conformance with the tag 5F alone", () => {
    const { apdu, notices } = read("08 00 06 5F 04 00 180220 0960 FA00");
    expect(apdu).toMatchObject({ negotiatedConformance: 0x180220, serverMaxReceivePduSize: 2400, vaaName: 0xfa00 });
    expect(notices).toEqual(["conformance-tag-short"]);
    expect(read("01 00 00 00 06 5F 04 00 1C1320 0000").apdu).toMatchObject({ proposedConformance: 0x1c1320 });
  });

  it("data-notification with its date-time as length and octets, tagged, or absent", () => {
    const time = "07E60B0C0610360000FFC400";
    const plain = read(`0F 00000001 0C ${time} 1105`);
    const tagged = read(`0F 00000001 09 0C ${time} 1105`);
    const none = read("0F 00000001 00 1105");
    for (const { apdu } of [plain, tagged])
      expect(apdu).toMatchObject({ dateTime: fromHex(time), body: fromHex("1105") });
    expect(none.apdu).toMatchObject({ dateTime: new Uint8Array(), body: fromHex("1105") });
    expect([plain.notices, tagged.notices, none.notices]).toEqual([[], ["date-time-tagged"], []]);
    expect(toHex(encodeApdu(tagged.apdu))).toBe(toHex(fromHex(`0F00000001090C${time}1105`)));
  });

  it("a title under the tag of an invocation id", () => {
    const title = "4752580000000001";
    const titles = [`A6 0A 04 08 ${title}`, `A4 0A 04 08 ${title}`];
    const { apdu, notices } = read(
      `61 2F A1 09 06 07 60857405080101 A2 03 020101 A3 05 A1 03 02010E ${titles.join(" ")}`,
    );
    expect(apdu).toMatchObject({ respondingApTitle: fromHex(title) });
    expect(apdu).toHaveProperty("respondingApInvocationId", undefined);
    expect(notices).toEqual(["title-as-invocation-id"]);
  });

  it("an unknown field of an ACSE APDU", () => {
    const { apdu, notices } = read("62 06 80 01 00 9E 01 55");
    expect(apdu).toEqual({ type: "rlrq", reason: 0 });
    expect(notices).toEqual(["unknown-field"]);
  });

  it("implementation-information with the constructed tag", () => {
    expect(read("60 0F A1 09 06 07 60857405080101 BD 02 4142").apdu).toMatchObject({
      implementationInformation: fromHex("4142"),
    });
  });

  it("exception-response of invocation-counter-error without the counter", () => {
    expect(read("D8 01 06").apdu).toEqual({ type: "exception-response", stateError: 1, serviceError: 6 });
  });

  it("action-response that ends after its result", () => {
    const { apdu, notices } = read("C7 01 C1 03");
    expect(apdu).toMatchObject({ response: { result: 3 } });
    expect(notices).toEqual(["return-parameters-missing"]);
    expect(toHex(encodeApdu(apdu))).toBe("C701C10300");
  });

  it("general-signing that is still to be signed", () => {
    const { apdu, notices } = read("DF 00 00 00 00 00 02 C001");
    expect(apdu).not.toHaveProperty("signature");
    expect(notices).toEqual(["signature-missing"]);
  });

  it("are all in the table, and each row of it was seen above", () => {
    expect([...told].sort()).toEqual([...Object.keys(apduTolerances), "unknown-field"].sort());
  });
});
