import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/base/index.js";
import { encodeLocalMessage, formatTelegram } from "../../src/iec62056-21/index.js";
import { isSound, renderMessages, translate } from "../../src/translate/index.js";
import { lines } from "./helpers.js";

const ascii = (text: string) => Uint8Array.from(text, (c) => c.charCodeAt(0));
const body = "\r\n1-3:0.2.8(50)\r\n1-0:1.8.1(123456.789*kWh)\r\n0-1:24.2.1(101209112500W)(12785.123*m3)\r\n";
const telegram = formatTelegram("/ISk5\\2MT382-1000", body);

describe("P1", () => {
  it("telegrams as text and as hexadecimal, with their check", () => {
    for (const input of [telegram, String.fromCharCode(...telegram), toHex(telegram)])
      expect(translate(input)).toMatchObject([
        {
          layers: [
            {
              type: "p1",
              manufacturer: "ISk",
              crcOk: true,
              dataSets: [
                { reference: "1-3:0.2.8", values: [{ value: "50" }] },
                { reference: "1-0:1.8.1", values: [{ value: "123456.789", unit: "kWh" }] },
                { reference: "0-1:24.2.1", values: [{ value: "101209112500W" }, { value: "12785.123", unit: "m3" }] },
              ],
            },
          ],
          error: null,
        },
      ]);
  });

  it("several, one of them damaged, one cut off", () => {
    const damaged = telegram.slice();
    damaged[30] = 0x39;
    const messages = translate(concatBytes(telegram, damaged, telegram.subarray(0, 60)));
    expect(messages.map(({ error }) => error?.code)).toEqual([undefined, "check-failed", "truncated"]);
  });
});

describe("IEC 62056-21", () => {
  const session = [
    encodeLocalMessage({ type: "request", address: "" }),
    encodeLocalMessage({
      type: "identification",
      identification: { manufacturer: "XYZ", baudrateCharacter: "5", identification: "METER" },
    }),
    encodeLocalMessage({ type: "option-select", protocol: "0", baudrate: "5", mode: "0" }),
    encodeLocalMessage({
      type: "data",
      text: "1.8.0(0001.5*kWh)\r\nF.F(00)\r\n!\r\n",
      last: true,
      checkOk: true,
      checkIsSum: false,
    }),
    encodeLocalMessage({ type: "command", command: "P1", text: "(12345678)", last: true, checkOk: true }),
    encodeLocalMessage({ type: "acknowledge" }),
    encodeLocalMessage({ type: "command", command: "B0", text: "", last: true, checkOk: true }),
  ];
  const kinds = ["request", "identification", "option-select", "data", "command", "acknowledge", "command"];

  it("a session, a line a message", () => {
    const messages = translate(lines(...session));
    expect(messages.map(({ layers }) => layers[0]?.["message"])).toEqual(kinds);
    expect(isSound(messages)).toBe(true);
    expect(messages[3]?.layers[0]).toMatchObject({
      checksumOk: true,
      dataSets: [{ reference: "1.8.0", values: [{ value: "0001.5", unit: "kWh" }] }, { reference: "F.F" }],
    });
  });

  it("the same with parity bits on top", () => {
    const parity = session.map((message) =>
      message.map((octet) => (octet.toString(2).replaceAll("0", "").length % 2 ? octet | 0x80 : octet)),
    );
    const withBlockCheck = translate(lines(...parity));
    expect(withBlockCheck.map(({ layers }) => layers[0]?.["message"])).toEqual(kinds);
    expect(withBlockCheck.slice(0, 5).every(({ layers }) => layers[0]?.["parity"] === "even")).toBe(true);
  });

  it("does not show passwords", () => {
    const messages = translate(lines(...session));
    expect(JSON.stringify(messages) + renderMessages(messages)).not.toContain("12345678");
  });

  it("a wrong block check, a block without end, data sets alone", () => {
    const bad = session[3]!.slice();
    bad[bad.length - 1] = (bad.at(-1) as number) ^ 1;
    expect(translate(lines(bad))).toMatchObject([{ layers: [{ checksumOk: false }], error: { code: "check-failed" } }]);
    expect(translate(lines(session[3]!.subarray(0, 20)))).toMatchObject([{ error: { code: "truncated" } }]);
    const alone = translate(ascii("1.8.0(0001.5*kWh)\r\nP.01(1220823161500)(00)(15)(1)(1.5)(kW)\r\n(0.1)\r\n"));
    expect(alone[0]?.layers[0]).toMatchObject({
      type: "iec62056-21",
      dataSets: [{ reference: "1.8.0" }, { reference: "P.01" }],
    });
  });
});
