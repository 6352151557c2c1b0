import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LineSettings, line7e1, line8n1, parityBit, receiveCharacters } from "../../src/transport/index.js";

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

describe("characters on a wire", () => {
  it("reads 7E1 with an 8N1 receiver as the character with its parity bit on top", () => {
    // "/" 0x2F has five ones, "?" 0x3F six, "!" 0x21 two, CR three, LF two
    const heard = receiveCharacters(ascii("/?!\r\n"), line7e1(300), line8n1(300));
    expect([...heard]).toEqual([0xaf, 0x3f, 0x21, 0x8d, 0x0a]);
  });

  it("reads 8N1 with a 7E1 receiver as the low seven bits, parity right or wrong", () => {
    const bytes = Uint8Array.from([0x7e, 0xa0, 0x93, 0x21]);
    const [tx, rx] = [line8n1(9600), line7e1(9600)];
    expect([...receiveCharacters(bytes, tx, rx)]).toEqual([0x7e, 0x20, 0x13, 0x21]);
    // 0x7E and 0x21 have even parity with bit 7 clear; 0xA0 (one + bit 7 set) too; 0x93 has 3 ones in 7 bits + bit 7: even
    expect([...receiveCharacters(bytes, tx, rx, "drop")]).toEqual([0x7e, 0x20, 0x13, 0x21]);
    const wrong = Uint8Array.from([0xfe, 0x01]);
    expect([...receiveCharacters(wrong, tx, rx, "drop")]).toEqual([]);
    expect([...receiveCharacters(wrong, tx, rx, "zero")]).toEqual([0, 0]);
    expect([...receiveCharacters(wrong, tx, rx, "deliver")]).toEqual([0x7e, 0x01]);
  });

  it("makes garbage of a wrong speed, and never the text that was sent", () => {
    const text = ascii("/ISK5ME372-1000\r\n");
    for (const baudRate of [600, 1200, 9600]) {
      const heard = receiveCharacters(text, line7e1(300), line7e1(baudRate));
      expect([...heard]).not.toEqual([...text]);
    }
    // a slower receiver sees fewer characters
    expect(receiveCharacters(text, line7e1(9600), line7e1(300)).length).toBeLessThan(text.length / 8);
  });

  const settings = fc.record<LineSettings>({
    baudRate: fc.constantFrom(300, 600, 2400, 9600, 19200),
    dataBits: fc.constantFrom(7, 8),
    parity: fc.constantFrom("none", "even", "odd"),
    stopBits: fc.constantFrom(1, 2),
  });

  it("hears what was sent whenever only the stop bits differ", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), settings, (bytes, line) => {
        const sent = line.dataBits === 7 ? bytes.map((byte) => byte & 0x7f) : bytes;
        const heard = receiveCharacters(sent, { ...line, stopBits: 2 }, { ...line, stopBits: 1 });
        expect([...heard]).toEqual([...sent]);
      }),
    );
  });

  it("ends for any pair of settings, with no more than what could have been heard", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), settings, settings, (bytes, tx, rx) => {
        const heard = receiveCharacters(bytes, tx, rx);
        const bits = bytes.length * 12 * Math.max(1, rx.baudRate / tx.baudRate);
        expect(heard.length).toBeLessThanOrEqual(bits);
      }),
    );
  });

  it("computes even and odd parity", () => {
    expect(parityBit(0b0010_1111, 7, "even")).toBe(1);
    expect(parityBit(0b0010_1111, 7, "odd")).toBe(0);
    expect(parityBit(0, 7, "even")).toBe(0);
    expect(parityBit(0x80, 7, "even")).toBe(0);
    expect(parityBit(0x80, 8, "even")).toBe(1);
  });
});
