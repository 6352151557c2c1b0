/** A form or mechanism that a test against an implementation of other origin shows to work. */
export interface Proof {
  /** `aarq/low`, `get-request/with-list`: APDU and choice; `hls/gmac`, `suite/0`: mechanisms. */
  readonly id: string;
  /** Our end: the client on the peer's meter, or the mock meter with the peer's client. */
  readonly direction: "client" | "meter";
  readonly peer: Peer;
  /** File below test/interop, and the title of the test in it. */
  readonly test: string;
}

export type Peer = "jDLMS 1.8.0" | "Gurux Java 4.0.47" | "Gurux Python 1.0.203" | "u9n dlms-cosem 21.3.2";

const jdlms = "jDLMS 1.8.0";
const guruxJava = "Gurux Java 4.0.47";
const guruxPython = "Gurux Python 1.0.203";
const u9n = "u9n dlms-cosem 21.3.2";

const hls = ["md5", "sha1", "sha256", "ecdsa"].flatMap((name) => [`aarq/hls-${name}`, `hls/${name}`]);

const suites = [
  "suite/1",
  "suite/2",
  "general-glo-ciphering",
  "general-ded-ciphering",
  "ded-get-request",
  "ded-get-response",
  "ded-set-request",
  "ded-set-response",
  "ded-action-request",
  "ded-action-response",
  "glo-get-request",
  "glo-get-response",
  "glo-set-request",
  "glo-set-response",
  "glo-action-request",
  "glo-action-response",
  "dedicated-key",
  "protection/authenticated",
  "protection/encrypted",
];

const proven = (direction: Proof["direction"], peers: readonly Peer[], test: string, ids: readonly string[]): Proof[] =>
  ids.flatMap((id) => peers.map((peer) => ({ id, direction, peer, test })));

/** Kept by hand beside the tests; test/docs holds the titles against the files. */
export const proofs: readonly Proof[] = [
  // Logical names: our client on their meters.
  ...proven("client", [jdlms, guruxJava], "peer-meters.test.ts > reads clock, registers and object list", [
    "snrm",
    "ua",
    "disc",
    "wrapper",
    "aarq/none",
    "aarq/low",
    "aarq/hls-gmac",
    "aare",
    "hls/none",
    "hls/low",
    "hls/gmac",
    "rlrq",
    "rlre",
    "initiate-request",
    "initiate-response",
    "get-request/normal",
    "get-request/with-list",
    "get-response/normal",
    "get-response/with-list",
    "glo-get-request",
    "glo-get-response",
    "glo-action-request",
    "glo-action-response",
    "suite/0",
  ]),
  ...proven("client", [jdlms, guruxJava], "peer-meters.test.ts > reads the profile whole, by entry and by range", [
    "get-request/next",
    "get-response/with-datablock",
    "selective-access/range",
    "selective-access/entry",
  ]),
  ...proven(
    "client",
    [jdlms, guruxJava],
    "peer-meters.test.ts > writes and reads back, acts, and is denied what it may not",
    [
      "set-request/normal",
      "set-response/normal",
      "action-request/normal",
      "action-response/normal",
      "glo-set-request",
      "glo-set-response",
      "data-access-result",
    ],
  ),
  ...proven("client", [guruxJava], "peer-meters.test.ts > reads with HLS-GMAC and %s", [
    "general-glo-ciphering",
    "ded-get-request",
    "ded-get-response",
    "dedicated-key",
    "protection/authenticated",
    "protection/encrypted",
  ]),
  // Logical names: their clients on our mock meter.
  ...proven("meter", [jdlms, guruxPython, u9n], "mock-meter.test.ts > reads and acts with authentication %s", [
    "snrm",
    "ua",
    "disc",
    "wrapper",
    "aarq/none",
    "aarq/low",
    "aarq/hls-gmac",
    "aare",
    "hls/none",
    "hls/low",
    "hls/gmac",
    "initiate-request",
    "initiate-response",
    "get-request/normal",
    "get-request/next",
    "get-response/normal",
    "get-response/with-datablock",
    "set-request/normal",
    "set-response/normal",
    "action-request/normal",
    "action-response/normal",
    "selective-access/range",
    "data-access-result",
    "suite/0",
  ]),
  ...proven("meter", [jdlms, guruxPython], "mock-meter.test.ts > reads and acts with authentication %s", [
    "get-request/with-list",
    "get-response/with-list",
    "selective-access/entry",
  ]),
  ...proven("meter", [guruxPython], "mock-meter.test.ts > reads and acts with authentication %s", [
    "set-request/with-first-datablock",
    "set-request/with-datablock",
    "set-response/datablock",
    "set-response/last-datablock",
  ]),
  // Short names: our client on their meters.
  ...proven(
    "client",
    [jdlms, guruxJava],
    "short-name-meters.test.ts > reads clock, registers, object list and several at once",
    ["read-request/variable-name", "read-response/data", "referencing/short-name"],
  ),
  ...proven(
    "client",
    [jdlms, guruxJava],
    "short-name-meters.test.ts > reads the profile whole, by entry and by range",
    ["read-request/parameterized-access", "read-request/block-number-access", "read-response/data-block-result"],
  ),
  ...proven(
    "client",
    [jdlms, guruxJava],
    "short-name-meters.test.ts > writes and reads back, acts, and is denied what it may not",
    ["write-request/variable-name", "write-response/success"],
  ),
  ...proven(
    "client",
    [guruxJava],
    "short-name-meters.test.ts > writes and reads back, acts, and is denied what it may not",
    [
      "write-request/write-data-block-access",
      "write-response/block-number",
      "write-response/data-access-error",
      "glo-read-request",
      "glo-read-response",
      "glo-write-request",
      "glo-write-response",
      "hls-short-name/gmac",
    ],
  ),
  // Short names: their clients on our mock meter.
  ...proven("meter", [jdlms, guruxPython], "short-name-mock.test.ts > reads and acts with authentication %s", [
    "referencing/short-name",
    "read-request/variable-name",
    "read-request/parameterized-access",
    "read-response/data",
    "write-request/variable-name",
    "write-response/success",
    "write-response/data-access-error",
  ]),
  ...proven("meter", [jdlms], "short-name-mock.test.ts > reads and acts with authentication %s", [
    "glo-read-request",
    "glo-read-response",
    "glo-write-request",
    "glo-write-response",
    "hls-short-name/gmac",
  ]),
  // High level security without ciphering.
  ...proven("client", [guruxJava], "hls-meters.test.ts > proves itself and reads with HLS-%s", hls),
  ...proven("meter", [guruxPython], "hls-mock.test.ts > proves itself and reads with HLS-%s", [
    ...hls,
    ...["md5", "sha1", "sha256", "ecdsa"].map((name) => `hls-short-name/${name}`),
  ]),
  ...proven(
    "meter",
    [guruxPython],
    "gateway.test.ts > Gurux Python finds the meter by its address, and not the gateway",
    ["gateway-request", "gateway-response"],
  ),
  // Suites 1 and 2.
  ...proven("client", [guruxJava], "suite-meters.test.ts > reads, writes and acts with HLS-GMAC and %s", suites),
  ...proven("meter", [guruxPython], "suite-mock.test.ts > reads, writes and acts with %s", suites),
  // ACCESS, pushes, general blocks.
  ...proven("client", [guruxJava], "transfer-meters.test.ts > reads by ACCESS from gurux-java with authentication %s", [
    "access-request/get",
    "access-response/get",
  ]),
  ...proven("client", [guruxJava], "push.test.ts > is taken with security %s", [
    "data-notification",
    "hdlc/ui",
    "push/suite-0",
    "push/suite-1",
    "push/suite-2",
    "udp",
  ]),
  ...proven("client", [guruxJava], "push.test.ts > a push of Gurux in general blocks is taken with security %s", [
    "general-block-transfer",
  ]),
  ...proven("meter", [guruxJava], "push.test.ts > is taken by Gurux with authentication %s", [
    "data-notification",
    "hdlc/ui",
  ]),
  // Keys of the Security setup.
  ...proven("client", [jdlms, guruxJava], "keys.test.ts > transfers a key and goes on under it over %s", [
    "security-setup/key-transfer",
  ]),
  ...proven("client", [guruxJava], "keys.test.ts > agrees on a key of suite 1 and goes on under it over %s", [
    "security-setup/key-agreement",
  ]),
  ...proven("meter", [jdlms, guruxPython], "keys.test.ts > transfers a key and goes on under it over %s", [
    "security-setup/key-transfer",
  ]),
  ...proven("meter", [guruxPython], "transfer-mock.test.ts > writes in general blocks over %s", [
    "general-block-transfer",
  ]),
];
