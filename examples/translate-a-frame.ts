// What do these octets mean? Layer by layer: HDLC frame, LLC header, APDU, and the value in it.
//
//   node translate-a-frame.ts             a request for the clock and its answer, written below
//   node translate-a-frame.ts 7EA0...7E   yours, as hexadecimal text
//
// The command `dlms translate` does all of this and more (wrapper, M-Bus, telegrams, ciphered messages).
import { CosemDateTime, type Data, decodeApdu, decodeData, fromHex, Obis, toHex } from "dlms-cosem";
import { FrameSplitter, frameText } from "dlms-cosem/hdlc";

const captured =
  process.argv[2] ??
  "7EA0190305323C9CE6E600C0014100080000010000FF02007B887E 7EA01E050352122AE6E700C4014100090C07EA0B15060B250423FFC400390A7E";

// The splitter takes any piece of a stream: noise, half a frame, two at once. Only frames whose checks hold come out.
const splitter = new FrameSplitter();
for (const chunk of [...splitter.push(fromHex(captured.replaceAll(/\s/g, ""))), ...splitter.flush()]) {
  if (chunk.type === "discarded") {
    console.log(`no frame: ${toHex(chunk.bytes)}`);
    continue;
  }
  console.log(`frame ${frameText(chunk.frame)}`);
  const { information } = chunk.frame;
  // Information frames begin with three octets of LLC, E6 E6 00 towards the meter and E6 E7 00 from it; then the APDU.
  if (chunk.frame.type === "i" && information[0] === 0xe6) explain(information.subarray(3));
}

function explain(octets: Uint8Array): void {
  // Where the octets do not follow the standard, a DlmsError tells where and what was expected.
  const apdu = decodeApdu(octets);
  console.log(`  apdu ${apdu.type}${"choice" in apdu ? ` ${apdu.choice}` : ""}`);
  if (apdu.type === "get-request" && apdu.choice === "normal") {
    const { classId, instanceId, attributeId } = apdu.attribute;
    console.log(`  asks for class ${classId}, ${Obis.fromOctets(instanceId)}, attribute ${attributeId}`);
  }
  if (apdu.type === "get-response" && apdu.choice === "normal")
    console.log(apdu.result.ok ? `  value ${valueText(decodeData(apdu.result.data))}` : "  refused");
}

function valueText(data: Data): string {
  if (data.type === "octet-string" && data.value.length === 12)
    return `${toHex(data.value)}, as date-time ${CosemDateTime.fromOctets(data.value)}`;
  return JSON.stringify(data, (_, value) => (typeof value === "bigint" ? String(value) : value));
}
