import fc from "fast-check";
import type { Apdu, AttributeDescriptor } from "../../src/apdu/index.js";
import { serviceCipheringTags } from "../../src/apdu/index.js";
import { concatBytes, fromHex } from "../../src/base/index.js";

/** Values of every APDU, each form among them; Data as encoded octets. */
const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffffffff });
const octets = fc.uint8Array({ maxLength: 40 });
const longOctets = fc.oneof(
  { weight: 9, arbitrary: octets },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 128, maxLength: 300 }) },
);
const sixOctets = fc.uint8Array({ minLength: 6, maxLength: 6 });
const bool = fc.boolean();

const { data } = fc.letrec<{ data: Uint8Array }>((tie) => ({
  data: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom(
      ..."00 FF 0300 0F80 1612 12ABCD 06FFFFFFFF 150000000000000001 0400 0409FF80".split(" ").map(fromHex),
    ),
    octets.map((value) => concatBytes(Uint8Array.of(9, value.length), value)),
    fc
      .tuple(fc.constantFrom(1, 2), fc.array(tie("data"), { maxLength: 4 }))
      .map(([tag, items]) => concatBytes(Uint8Array.of(tag, items.length), ...items)),
  ),
}));

const optionally = <K extends string, T>(key: K, value: fc.Arbitrary<T>): fc.Arbitrary<{ [P in K]?: T }> =>
  fc
    .option(value, { nil: undefined })
    .map((given) => (given === undefined ? {} : { [key]: given }) as { [P in K]?: T });
/** Merges objects, so that optional fields are left out rather than undefined. */
const merged = (...parts: fc.Arbitrary<object>[]) =>
  fc.tuple(...parts).map((all) => Object.assign({}, ...all) as object);
const record = (shape: Record<string, fc.Arbitrary<unknown>>) => fc.record(shape) as fc.Arbitrary<object>;
const one = (value: Record<string, string>) => fc.constant(value as object);

const invokeIdAndPriority = merged(
  record({ invokeId: fc.integer({ min: 0, max: 15 }), confirmed: bool, highPriority: bool }),
  optionally("reserved", fc.integer({ min: 1, max: 3 })),
);
const longInvokeIdAndPriority = merged(
  record({
    invokeId: fc.integer({ min: 0, max: 0xffffff }),
    selfDescriptive: bool,
    breakOnError: bool,
    confirmed: bool,
    highPriority: bool,
  }),
  optionally("reserved", fc.integer({ min: 1, max: 15 })),
);
const attribute: fc.Arbitrary<AttributeDescriptor> = fc.record({
  classId: u16,
  instanceId: sixOctets,
  attributeId: u8,
});
const method = fc.record({ classId: u16, instanceId: sixOctets, methodId: u8 });
const access = fc.record({ selector: u8, parameters: data });
const selected = merged(record({ attribute }), optionally("access", access));
const result = fc.oneof(fc.record({ ok: fc.constant(true), data }), fc.record({ ok: fc.constant(false), result: u8 }));
const rawResult = fc.oneof(
  fc.record({ ok: fc.constant(true), data: longOctets }),
  fc.record({ ok: fc.constant(false), result: u8 }),
);
const block = fc.record({ lastBlock: bool, blockNumber: u32, rawData: longOctets });
const responseItem = merged(record({ result: u8 }), optionally("returned", result));
const list = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 5 });

function service(type: string, forms: Record<string, fc.Arbitrary<object>>): fc.Arbitrary<object>[] {
  return Object.entries(forms).map(([choice, fields]) =>
    merged(one({ type, choice }), record({ invokeIdAndPriority }), fields),
  );
}

const variable = fc.oneof(
  record({ choice: fc.constant("variable-name"), name: u16 }),
  record({ choice: fc.constant("parameterized-access"), name: u16, selector: u8, parameter: data }),
  record({ choice: fc.constant("block-number-access"), blockNumber: u16 }),
  record({ choice: fc.constant("read-data-block-access"), lastBlock: bool, blockNumber: u16, rawData: longOctets }),
  record({ choice: fc.constant("write-data-block-access"), lastBlock: bool, blockNumber: u16 }),
);
const variables = list(variable);
const values = list(data);

const accessSpecification = fc.oneof(
  record({ choice: fc.constantFrom("get", "set"), attribute }),
  record({ choice: fc.constant("action"), method }),
  record({ choice: fc.constantFrom("get-with-selection", "set-with-selection"), attribute, access }),
);
const dateTime = fc.oneof(fc.constant(new Uint8Array()), fc.uint8Array({ minLength: 12, maxLength: 12 }));
const bitString = fc
  .integer({ min: 0, max: 40 })
  .chain((length) =>
    fc
      .uint8Array({ minLength: Math.ceil(length / 8), maxLength: Math.ceil(length / 8) })
      .map((bytes) => ({ length, bytes })),
  );
const identifier = fc
  .array(fc.integer({ min: 0, max: 2 ** 42 - 1 }), { minLength: 1, maxLength: 6 })
  .map((arcs) => ["2", "16", ...arcs].join("."));
const signed = fc.integer({ min: -(2 ** 47), max: 2 ** 47 - 1 });
const authentication = fc.oneof(
  fc.record({ choice: fc.constantFrom("charstring", "external", "other"), value: octets }),
  fc.record({ choice: fc.constant("bitstring"), value: bitString }),
);
const conformance = fc.integer({ min: 0, max: 0xffffff });
const quality = fc.integer({ min: -128, max: 127 });
const header = {
  transactionId: octets,
  originatorSystemTitle: octets,
  recipientSystemTitle: octets,
  dateTime: octets,
  otherInformation: octets,
};
const keyInfo = fc.oneof(
  record({ choice: fc.constant("identified-key"), keyId: u8 }),
  record({ choice: fc.constant("wrapped-key"), kekId: u8, keyCipheredData: longOctets }),
  record({ choice: fc.constant("agreed-key"), keyParameters: octets, keyCipheredData: longOctets }),
);
const sharedAcse = [
  optionally("protocolVersion", bitString),
  optionally("mechanismName", identifier),
  optionally("implementationInformation", octets),
  optionally("userInformation", longOctets),
];
const optionals = (keys: readonly string[], value: fc.Arbitrary<unknown>) => keys.map((key) => optionally(key, value));

export const arbitraryApdus: readonly fc.Arbitrary<object>[] = [
  ...service("get-request", {
    normal: selected,
    next: record({ blockNumber: u32 }),
    "with-list": record({ attributes: list(selected) }),
  }),
  ...service("get-response", {
    normal: record({ result }),
    "with-datablock": record({ lastBlock: bool, blockNumber: u32, result: rawResult }),
    "with-list": record({ results: list(result) }),
  }),
  ...service("set-request", {
    normal: merged(selected, record({ value: data })),
    "with-first-datablock": merged(selected, record({ datablock: block })),
    "with-datablock": record({ datablock: block }),
    "with-list": record({ attributes: list(selected), values }),
    "with-list-and-first-datablock": record({ attributes: list(selected), datablock: block }),
  }),
  ...service("set-response", {
    normal: record({ result: u8 }),
    datablock: record({ blockNumber: u32 }),
    "last-datablock": record({ result: u8, blockNumber: u32 }),
    "last-datablock-with-list": record({ results: list(u8), blockNumber: u32 }),
    "with-list": record({ results: list(u8) }),
  }),
  ...service("action-request", {
    normal: merged(record({ method }), optionally("parameter", data)),
    "next-pblock": record({ blockNumber: u32 }),
    "with-list": record({ methods: list(method), parameters: values }),
    "with-first-pblock": record({ method, pblock: block }),
    "with-list-and-first-pblock": record({ methods: list(method), pblock: block }),
    "with-pblock": record({ pblock: block }),
  }),
  ...service("action-response", {
    normal: record({ response: responseItem }),
    "with-pblock": record({ pblock: block }),
    "with-list": record({ responses: list(responseItem) }),
    "next-pblock": record({ blockNumber: u32 }),
  }),
  merged(one({ type: "read-request" }), record({ variables })),
  merged(
    one({ type: "read-response" }),
    record({
      results: list(
        fc.oneof(
          record({ choice: fc.constant("data"), data }),
          record({ choice: fc.constant("data-access-error"), result: u8 }),
          record({ choice: fc.constant("data-block-result"), lastBlock: bool, blockNumber: u16, rawData: longOctets }),
          record({ choice: fc.constant("block-number"), blockNumber: u16 }),
        ),
      ),
    }),
  ),
  merged(one({ type: "write-request" }), record({ variables, values })),
  merged(
    one({ type: "write-response" }),
    record({
      results: list(
        fc.oneof(
          record({ choice: fc.constant("success") }),
          record({ choice: fc.constant("data-access-error"), result: u8 }),
          record({ choice: fc.constant("block-number"), blockNumber: u16 }),
        ),
      ),
    }),
  ),
  merged(one({ type: "unconfirmed-write-request" }), record({ variables, values })),
  merged(one({ type: "information-report-request" }), optionally("currentTime", octets), record({ variables, values })),
  merged(one({ type: "event-notification-request" }), optionally("time", dateTime), record({ attribute, value: data })),
  merged(one({ type: "data-notification" }), record({ longInvokeIdAndPriority, dateTime, body: data })),
  merged(one({ type: "data-notification-confirm" }), record({ longInvokeIdAndPriority, dateTime })),
  merged(
    one({ type: "access-request" }),
    record({ longInvokeIdAndPriority, dateTime, specifications: list(accessSpecification), data: values }),
  ),
  merged(
    one({ type: "access-response" }),
    optionally("requested", list(accessSpecification)),
    record({
      longInvokeIdAndPriority,
      dateTime,
      data: values,
      results: list(fc.record({ choice: fc.constantFrom("get", "set", "action"), result: u8 })),
    }),
  ),
  merged(
    one({ type: "exception-response" }),
    record({ stateError: u8, serviceError: u8.filter((value) => value !== 6) }),
  ),
  merged(
    one({ type: "exception-response" }),
    record({ stateError: u8, serviceError: fc.constant(6) }),
    optionally("invocationCounter", u32),
  ),
  merged(one({ type: "confirmed-service-error" }), record({ service: u8, category: u8, value: u8 })),
  merged(
    one({ type: "general-block-transfer" }),
    record({
      lastBlock: bool,
      streaming: bool,
      window: fc.integer({ min: 0, max: 63 }),
      blockNumber: u16,
      blockNumberAck: u16,
      blockData: longOctets,
    }),
  ),
  ...Object.keys(serviceCipheringTags).map((type) => fc.record({ type: fc.constant(type), content: longOctets })),
  ...["general-glo-ciphering", "general-ded-ciphering"].map((type) =>
    fc.record({ type: fc.constant(type), systemTitle: octets, content: longOctets }),
  ),
  merged(
    one({ type: "general-ciphering" }),
    record({ ...header, content: longOctets }),
    optionally("keyInfo", keyInfo),
  ),
  merged(one({ type: "general-signing" }), record({ ...header, content: longOctets }), optionally("signature", octets)),
  ...["gateway-request", "gateway-response"].map((type) =>
    fc.record({ type: fc.constant(type), networkId: u8, physicalDeviceAddress: octets, apdu: longOctets }),
  ),
  merged(
    one({ type: "initiate-request" }),
    optionally("dedicatedKey", octets),
    optionally("proposedQualityOfService", quality),
    record({
      responseAllowed: bool,
      proposedDlmsVersionNumber: u8,
      proposedConformance: conformance,
      clientMaxReceivePduSize: u16,
    }),
  ),
  merged(
    one({ type: "initiate-response" }),
    optionally("negotiatedQualityOfService", quality),
    record({
      negotiatedDlmsVersionNumber: u8,
      negotiatedConformance: conformance,
      serverMaxReceivePduSize: u16,
      vaaName: u16,
    }),
  ),
  merged(
    one({ type: "aarq" }),
    record({ applicationContextName: identifier }),
    ...sharedAcse,
    ...optionals(["calledApTitle", "calledAeQualifier", "callingApTitle", "callingAeQualifier"], octets),
    ...optionals(
      ["calledApInvocationId", "calledAeInvocationId", "callingApInvocationId", "callingAeInvocationId"],
      signed,
    ),
    optionally("senderAcseRequirements", bitString),
    optionally("callingAuthenticationValue", authentication),
  ),
  merged(
    one({ type: "aare" }),
    record({
      applicationContextName: identifier,
      result: signed,
      resultSourceDiagnostic: fc.record({
        source: fc.constantFrom("acse-service-user", "acse-service-provider"),
        diagnostic: signed,
      }),
    }),
    ...sharedAcse,
    ...optionals(["respondingApTitle", "respondingAeQualifier"], octets),
    ...optionals(["respondingApInvocationId", "respondingAeInvocationId"], signed),
    optionally("responderAcseRequirements", bitString),
    optionally("respondingAuthenticationValue", authentication),
  ),
  ...["rlrq", "rlre"].map((type) =>
    merged(one({ type }), optionally("reason", signed), optionally("userInformation", longOctets)),
  ),
];

/** Any APDU. */
export const arbitraryApdu = fc.oneof(...arbitraryApdus) as fc.Arbitrary<Apdu>;
