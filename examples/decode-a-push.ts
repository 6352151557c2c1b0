// A meter pushed an encrypted message: open it, check that it is genuine, and name what is in it.
//
//   node decode-a-push.ts              a message of the mock meter, written below
//   DLMS_EK=... DLMS_AK=... node decode-a-push.ts 0001...
//
// The message is given as it came by TCP or UDP (a wrapper packet), or as the bare APDU, in hexadecimal.
import { CosemDateTime, type Data, decodeApdu, decodeData, fromHex, Obis, toHex } from "dlms-cosem";
import { mockCredentials } from "dlms-cosem/mock";
import { nodeCryptoProvider } from "dlms-cosem/node";
import { PushOpener } from "dlms-cosem/security";
import { decodePacket } from "dlms-cosem/wrapper";

const message = fromHex(
  process.argv[2] ??
    "000100010066006FDB08444C4D000000000164300000126795885B1DEA288F2FBFC08CCCABB134B5BBD6B3A3C63E1A075D383BF66D178A" +
      "D6C62234216232DF75D5D3B45EE3C24DC6D9B47FCD5C9329202011B3D04D09F8DC19451F3618EA60C93D7145B6F067DA650F164EED1155" +
      "7A3AE71326D8EC3988",
);
const { DLMS_EK, DLMS_AK } = process.env;

// Keep one opener for all messages: it remembers each sender's counter, so that no old message is taken again.
const opener = new PushOpener({
  crypto: nodeCryptoProvider,
  keys: [
    {
      encryptionKey: DLMS_EK === undefined ? mockCredentials.encryptionKey : fromHex(DLMS_EK),
      authenticationKey: DLMS_AK === undefined ? mockCredentials.authenticationKey : fromHex(DLMS_AK),
    },
  ],
});

const apdu = decodePacket(message)?.apdu ?? message;
const opened = PushOpener.handles(apdu) ? opener.open(apdu) : undefined;
if (opened?.systemTitle !== undefined)
  console.log(`from ${toHex(opened.systemTitle)}, ${opened.authenticated ? "genuine" : "not verified"}`);

const notification = decodeApdu(opened?.apdu ?? apdu);
if (notification.type !== "data-notification") throw new Error(`a ${notification.type}, no data-notification`);
if (notification.dateTime.length > 0) console.log(`sent ${CosemDateTime.fromOctets(notification.dateTime)}`);
print(decodeData(notification.body), "");

/** Prints values line by line; six octets are nearly always the name of an object. */
function print(data: Data, indent: string): void {
  if (data.type === "structure" || data.type === "array") {
    console.log(`${indent}${data.type}`);
    for (const element of data.value) print(element, `${indent}  `);
  } else if (data.type === "octet-string") {
    console.log(`${indent}${data.value.length === 6 ? Obis.fromOctets(data.value) : toHex(data.value)}`);
  } else {
    console.log(`${indent}${"value" in data ? String(data.value) : data.type}`);
  }
}
