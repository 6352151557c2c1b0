// Deciphering one APDU against bare node:crypto on the same octets and the same key object.
// node bench/decipher.bench.mjs [--json]: prints the ratio of the medians of interleaved pairs, and the bar.
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import { median, report, sources } from "./support.mjs";

const { SecurityContext, defaultProvider } = await sources({
  "src/security/index.ts": ["SecurityContext"],
  "src/node/crypto.ts": ["defaultProvider"],
});

const key = Buffer.from("000102030405060708090A0B0C0D0E0F", "hex");
const authenticationKey = Buffer.from("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF", "hex");
const title = Buffer.from("4D4D4D0000BC614E", "hex");
const pairs = 101;
const warmUps = 40;
const bars = { 64: 0.8, 512: 0.9, 4096: 0.9 };

function messages(size, count, context) {
  return Array.from({ length: count }, () => {
    const plain = new Uint8Array(size).fill(7);
    plain[0] = 0xc4;
    return context.protect(plain);
  });
}

function ends() {
  const options = {
    crypto: defaultProvider,
    suite: 0,
    protection: "authenticated-encrypted",
    encryptionKey: key,
    authenticationKey,
  };
  const sender = new SecurityContext({ ...options, systemTitle: title });
  const receiver = new SecurityContext({ ...options, systemTitle: Buffer.alloc(8), peerSystemTitle: title });
  return { sender, receiver };
}

/** createDecipheriv to final on slices prepared beforehand. */
function bare(prepared, keyObject) {
  const begin = process.hrtime.bigint();
  let octets = 0;
  for (const { iv, aad, body, tag } of prepared) {
    const decipher = createDecipheriv("aes-128-gcm", keyObject, iv, { authTagLength: 12 });
    decipher.setAAD(aad);
    decipher.setAuthTag(tag);
    const plain = decipher.update(body);
    decipher.final();
    octets += plain.length;
  }
  return { ns: Number(process.hrtime.bigint() - begin) / prepared.length, octets };
}

function ours(list, receiver) {
  const begin = process.hrtime.bigint();
  let octets = 0;
  for (const message of list) octets += receiver.unprotect(message).apdu.length;
  return { ns: Number(process.hrtime.bigint() - begin) / list.length, octets };
}

function prepare(message, size) {
  const content = message.subarray(message.length - size - 12 - 5);
  return {
    iv: Buffer.concat([title, content.subarray(1, 5)]),
    aad: Buffer.concat([content.subarray(0, 1), authenticationKey]),
    body: content.subarray(5, 5 + size),
    tag: content.subarray(5 + size),
  };
}

const rows = [];
const keyObject = createSecretKey(key);
createCipheriv("aes-128-gcm", keyObject, Buffer.alloc(12), { authTagLength: 12 });
for (const [text, bar] of Object.entries(bars)) {
  const size = Number(text);
  const count = 500;
  const ratios = [];
  const [left, right] = [[], []];
  const { sender, receiver } = ends();
  for (let pair = -warmUps; pair < pairs; pair++) {
    const list = messages(size, count, sender);
    const prepared = list.map((message) => prepare(message, size));
    const [a, b] =
      pair % 2 === 0
        ? [bare(prepared, keyObject), ours(list, receiver)]
        : [ours(list, receiver), bare(prepared, keyObject)].reverse();
    if (a.octets !== b.octets) throw new Error("not the same work");
    if (pair < 0) continue;
    ratios.push(a.ns / b.ns);
    left.push(a.ns);
    right.push(b.ns);
  }
  rows.push({
    octets: size,
    bareNs: Math.round(median(left)),
    oursNs: Math.round(median(right)),
    ratio: median(ratios),
    bar,
  });
}
report(
  rows.map(({ octets, ratio, bar }) => ({
    measure: `deciphering ${octets} octets against bare node:crypto`,
    value: ratio,
    unit: "times",
    atLeast: bar,
  })),
);
