// A ciphered GET through the client's association (request made, ciphered, answer deciphered, decoded, told) against
// the bare crypto work for the same octets: node:crypto on slices prepared beforehand, with the same key object.
// node bench/ciphered-get.bench.mjs [--json]
import { createCipheriv, createDecipheriv, createSecretKey } from "node:crypto";
import { median, report, sources } from "./support.mjs";

const { ClientAssociation, SecurityContext, MemoryCounter, defaultProvider } = await sources({
  "src/association/index.ts": ["ClientAssociation"],
  "src/security/index.ts": ["SecurityContext", "MemoryCounter"],
  "src/node/crypto.ts": ["defaultProvider"],
});

const key = Buffer.from("000102030405060708090A0B0C0D0E0F", "hex");
const authenticationKey = Buffer.from("D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF", "hex");
const own = Buffer.from("4D4D4D0000BC614E", "hex");
const meters = Buffer.from("4142434445464748", "hex");
const pairs = 101;
const warmUps = 40;
const count = 300;
const atMost = 1.25;
const sizes = [512, 2048, 4096];
const attribute = { classId: 7, instanceId: new Uint8Array([1, 0, 99, 1, 0, 255]), attributeId: 2 };
const request = { service: "get", items: [{ attribute }] };
const shared = {
  crypto: defaultProvider,
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: key,
  authenticationKey,
};
const keyObject = createSecretKey(key);

function ends() {
  const client = new ClientAssociation({
    crypto: defaultProvider,
    invokeIds: "constant",
    preEstablished: { conformance: new Set(["get"]), peerMaxPduSize: 0 },
    security: { ...shared, systemTitle: own, peerSystemTitle: meters, counter: new MemoryCounter(1) },
  });
  client.send({ type: "associate" }, 0);
  client.nextEvent();
  const meter = new SecurityContext({ ...shared, systemTitle: meters, peerSystemTitle: own });
  // The invoke id and priority of the only request there ever is.
  client.send({ type: "request", id: 0, request }, 0);
  const asked = meter.unprotect(client.takeOutput()).apdu;
  client.receive(meter.protect(answerOf(16, asked[2])), 0);
  client.nextEvent();
  return { client, meter, asked };
}

/** get-response-normal with an octet string, `size` octets in all. */
function answerOf(size, invoke) {
  const apdu = new Uint8Array(size).fill(7);
  apdu.set([0xc4, 1, invoke, 0, 9, 0x82, (size - 8) >> 8, (size - 8) & 0xff]);
  if (size < 136) apdu.set([0xc4, 1, invoke, 0, 9, size - 6]);
  return apdu;
}

function ours(client, answers) {
  const begin = process.hrtime.bigint();
  let told = 0;
  for (let i = 0; i < answers.length; i++) {
    client.send({ type: "request", id: 1, request }, 0);
    client.takeOutput();
    client.receive(answers[i], 0);
    if (client.nextEvent().type === "response") told++;
  }
  const ns = Number(process.hrtime.bigint() - begin) / answers.length;
  if (told !== answers.length) throw new Error("not every request was answered");
  return ns;
}

/** What protecting the request and opening the answer take alone. */
function protection(context, asked, answers) {
  const begin = process.hrtime.bigint();
  let octets = 0;
  for (const answer of answers) octets += context.protect(asked).length + context.unprotect(answer).apdu.length;
  if (octets === 0) throw new Error("nothing was done");
  return Number(process.hrtime.bigint() - begin) / answers.length;
}

function bare(asked, prepared) {
  const begin = process.hrtime.bigint();
  let octets = 0;
  for (const { iv, aad, body, tag } of prepared) {
    const cipher = createCipheriv("aes-128-gcm", keyObject, iv, { authTagLength: 12 });
    cipher.setAAD(aad);
    octets += cipher.update(asked).length;
    cipher.final();
    octets += cipher.getAuthTag().length;
    const decipher = createDecipheriv("aes-128-gcm", keyObject, iv, { authTagLength: 12 });
    decipher.setAAD(aad);
    decipher.setAuthTag(tag);
    octets += decipher.update(body).length;
    decipher.final();
  }
  if (octets === 0) throw new Error("nothing was done");
  return Number(process.hrtime.bigint() - begin) / prepared.length;
}

function prepare(message, size) {
  const content = message.subarray(message.length - size - 12 - 5);
  return {
    iv: Buffer.concat([meters, content.subarray(1, 5)]),
    aad: Buffer.concat([content.subarray(0, 1), authenticationKey]),
    body: content.subarray(5, 5 + size),
    tag: content.subarray(5 + size),
  };
}

const rows = sizes.flatMap((size) => {
  const whole = [];
  const protecting = [];
  const { client, meter, asked } = ends();
  const again = new SecurityContext({ ...shared, systemTitle: own, peerSystemTitle: meters });
  for (let pair = -warmUps; pair < pairs; pair++) {
    const answers = Array.from({ length: count }, () => meter.protect(answerOf(size, asked[2])));
    const prepared = answers.map((answer) => prepare(answer, size));
    const steps = [() => bare(asked, prepared), () => ours(client, answers), () => protection(again, asked, answers)];
    const times = [];
    for (let i = 0; i < steps.length; i++) {
      const at = (i + pair + warmUps) % steps.length;
      times[at] = steps[at]();
    }
    if (pair < 0) continue;
    whole.push(times[1] / times[0]);
    protecting.push(times[2] / times[0]);
  }
  const against = `of ${size} octets against bare node:crypto`;
  return [
    { measure: `protection of a GET ${against}`, value: median(protecting), unit: "times", atMost },
    { measure: `ciphered GET ${against}`, value: median(whole), unit: "times", atMost },
  ];
});
report(rows);
