import { decodeApdu } from "../../src/apdu/index.js";
import { ClientAssociation, ServerAssociation } from "../../src/association/index.js";
import { ByteReader, fromHex } from "../../src/base/index.js";
import { Certificate, CertificateSigningRequest } from "../../src/certificates/index.js";
import { defaultProvider } from "../../src/crypto/default.js";
import { ColumnDecoder, decodeData, expandCompactArray, skipData } from "../../src/data/index.js";
import {
  clientAddress,
  decodeParameters,
  FrameSplitter,
  HdlcClientLink,
  HdlcServerLine,
  serverAddress,
} from "../../src/hdlc/index.js";
import { decodeLocalMessage, LocalSplitter, parseTelegram, SignOn } from "../../src/iec62056-21/index.js";
import { MbusAssembler, MbusSplitter } from "../../src/mbus/index.js";
import { MemoryCounter, SecurityContext } from "../../src/security/index.js";
import { renderMessages, translate } from "../../src/translate/index.js";
import { PacketSplitter, WrapperClientLink } from "../../src/wrapper/index.js";
import { openssl } from "../certificates/openssl.js";

/** One place where octets of a stranger come in, with good input to spoil. */
export interface EntryPoint {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Gives what is left of the input, so that its memory can be measured. */
  feed(bytes: Uint8Array): unknown;
}

const hex = (...texts: readonly string[]) => texts.map(fromHex);
const ascii = (...texts: readonly string[]) => texts.map((text) => Uint8Array.from(text, (c) => c.charCodeAt(0)));

const apdus = hex(
  "601DA109060760857405080101BE10040E01000000065F1F040000181F0100",
  "6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000101D00800007",
  "C001C100080000010000FF0200",
  "C003C102000100002B0100FF0200000100002B0101FF0200",
  "C401C10010003C",
  "C402C100000000010010010202090C07EA0B15060B0F2306FFC4000600000001",
  "C102C1000300015E230BFF020000000000010A020A0928000102030405",
  "C301C100460000600A03FF01010F00",
  "0F40000000090C07E60102070E2512FF80000002010600001015",
  "E0C00001000003C401C1",
  "D80102",
  "0E010602",
  "DB084B414D45013490831E30000F60A4AC4B6048A68093068D24FBC9225EEA9AA8FE3441",
  "050102FA00",
  "D9400000000000010100080000010000FF02010100",
);
const data = hex(
  "010302020900120502030F16010203090C07EA0B15060B0F2306FFC4000600000001",
  "13020212110A0105050605",
  "0204090C07EA0B15060B0F2306FFC400110006000010E1060000000002031C0A1D000A21FFFFFFFF",
  "040C0FF0030117000000001800000000000000000C03C3A9410D55FF",
);
const frames = hex(
  "7EA0210002002373 4CE77E".replace(" ", ""),
  "7EA0230002210021 F6C5818014050200EF060200EF070400000001080400000001074B7E".replace(" ", ""),
  "7EA02E0002002321107ECBE6E600601DA109060760857405080101BE10040E01000000065F1F0400FFFFFFFFFFB7057E",
  "7EA027010201105A87E6E7000F40000000090C07E60102070E2512FF80000002010600001015F5FF7E",
);

const key = fromHex("000102030405060708090A0B0C0D0E0F");
const security = {
  crypto: defaultProvider,
  suite: 0,
  protection: "authenticated-encrypted",
  encryptionKey: key,
  authenticationKey: key,
  systemTitle: fromHex("444C4D0000000000"),
  peerSystemTitle: fromHex("444C4D0000000001"),
} as const;
const sealed = new SecurityContext({
  ...security,
  systemTitle: security.peerSystemTitle,
  counter: new MemoryCounter(7),
}).protect(apdus[4] as Uint8Array);

/** One for all inputs: preparing its keys is not the input's doing. */
const receiver = new SecurityContext({ ...security, counter: new MemoryCounter() });

function drain(object: { nextEvent(): unknown; takeOutput(): unknown }): void {
  while (object.nextEvent() !== undefined);
  while (object.takeOutput() !== undefined);
}

function associated(): ClientAssociation {
  const association = new ClientAssociation({ crypto: defaultProvider });
  association.send({ type: "associate" }, 0);
  association.receive(apdus[1] as Uint8Array, 0);
  const attribute = { classId: 8, instanceId: fromHex("0000010000FF"), attributeId: 2 };
  association.send({ type: "request", id: 1, request: { service: "get", items: [{ attribute }] } }, 0);
  drain(association);
  return association;
}

export const entryPoints: readonly EntryPoint[] = [
  {
    name: "translate",
    seeds: [...frames, ...apdus, ...ascii("/ISK5\\2M\r\n\r\n1-0:1.8.1(000004.426*kWh)\r\n!6EEE\r\n")],
    feed: (bytes) =>
      void renderMessages(translate(bytes, { encryptionKey: key, systemTitles: [security.systemTitle] })),
  },
  { name: "decodeApdu", seeds: apdus, feed: (bytes) => decodeApdu(bytes) },
  { name: "decodeData", seeds: data, feed: (bytes) => decodeData(bytes) },
  { name: "skipData", seeds: data, feed: (bytes) => skipData(new ByteReader(bytes)) },
  {
    name: "compact array",
    seeds: data.slice(1, 2),
    feed: (bytes) => {
      const decoded = decodeData(bytes);
      return decoded.type === "compact-array" ? expandCompactArray(decoded) : decoded;
    },
  },
  {
    name: "profile columns",
    seeds: data,
    feed: (bytes) => {
      const decoder = new ColumnDecoder();
      const half = bytes.length >> 1;
      decoder.push(bytes.subarray(0, half));
      decoder.push(bytes.subarray(half));
      return decoder;
    },
  },
  {
    name: "HDLC splitter",
    seeds: frames,
    feed: (bytes) => {
      const splitter = new FrameSplitter();
      return [splitter, splitter.push(bytes), splitter.flush()];
    },
  },
  {
    name: "HDLC parameters",
    seeds: frames.map((frame) => frame.subarray(11)),
    feed: (bytes) => decodeParameters(bytes),
  },
  {
    name: "HDLC client link",
    seeds: frames,
    feed: (bytes) => {
      const link = new HdlcClientLink({ client: clientAddress(16), server: serverAddress(1, 17) });
      link.send({ type: "connect" }, 0);
      link.receive(bytes, 1);
      link.handleTimeout(5000);
      drain(link);
      return link;
    },
  },
  {
    name: "HDLC server line",
    seeds: frames,
    feed: (bytes) => {
      const line = new HdlcServerLine({ accepts: () => true });
      line.receive(bytes, 1);
      line.handleTimeout(5000);
      drain(line);
      return line;
    },
  },
  {
    name: "wrapper",
    seeds: hex("000100100001000D C001C100080000010000FF0200".replace(" ", ""), "0001000100100000"),
    feed: (bytes) => {
      const splitter = new PacketSplitter();
      return [splitter, splitter.push(bytes)];
    },
  },
  {
    name: "wrapper link",
    seeds: hex("0001000100100005C401C10010"),
    feed: (bytes) => {
      const link = new WrapperClientLink({ client: 16, server: 1 });
      link.send({ type: "connect" }, 0);
      link.receive(bytes, 0);
      drain(link);
      return link;
    },
  },
  {
    name: "IEC 62056-21",
    seeds: ascii(
      "/?!\r\n",
      "/ISk5\\2MT382-1000\r\n",
      "\u0006252\r\n",
      "\u00021.8.0(1*kWh)\r\n!\r\n\u0003",
      "\u0001P0\u0002()\u0003`",
    ),
    feed: (bytes) => {
      for (const chunk of new LocalSplitter().push(bytes))
        if (chunk.type === "message") decodeLocalMessage(chunk.bytes);
    },
  },
  {
    name: "sign-on",
    seeds: ascii("/ISk5\\2MT382-1000\r\n", "/DLM5\\2X\r\n\u0006252\r\n"),
    feed: (bytes) => {
      const signOn = new SignOn({ purpose: "hdlc" });
      signOn.send({ type: "start" }, 0);
      signOn.handleTimeout(0);
      signOn.receive(bytes, 10);
      signOn.handleTimeout(5000);
      drain(signOn);
      return signOn;
    },
  },
  {
    name: "P1 telegram",
    seeds: ascii("/ISK5\\2M\r\n\r\n1-0:1.8.1(000004.426*kWh)\r\n!6EEE\r\n"),
    feed: (bytes) => parseTelegram(bytes),
  },
  {
    name: "M-Bus",
    seeds: hex("680A0A6853FF1001670F40000000" + "1916", "68FAFA6853FF000167DB08"),
    feed: (bytes) => {
      const [splitter, assembler] = [new MbusSplitter(), new MbusAssembler()];
      for (const chunk of [...splitter.push(bytes), ...splitter.flush()])
        if (chunk.type === "frame") assembler.push(chunk.frame);
    },
  },
  {
    name: "unprotect",
    seeds: [sealed, apdus[12] as Uint8Array],
    feed: (bytes) => receiver.unprotect(bytes),
  },
  {
    name: "certificate",
    seeds: [openssl.sig, openssl.gb, openssl.rsa].map((pem) => Certificate.parse(pem).der),
    feed: (bytes) => String(Certificate.parse(bytes)),
  },
  {
    name: "signing request",
    seeds: [CertificateSigningRequest.parse(openssl.request).der],
    feed: (bytes) => CertificateSigningRequest.parse(bytes),
  },
  {
    name: "client association",
    seeds: apdus,
    feed: (bytes) => {
      const association = associated();
      association.receive(bytes, 1);
      drain(association);
      return association;
    },
  },
  {
    name: "server association",
    seeds: apdus,
    feed: (bytes) => {
      const association = new ServerAssociation({
        clientSap: 16,
        profiles: [
          { clientSap: 16, authentication: { mechanism: "none" }, conformance: new Set(["get", "set", "action"]) },
        ],
        crypto: defaultProvider,
      });
      association.receive(apdus[0] as Uint8Array);
      association.receive(bytes);
      drain(association);
      return association;
    },
  },
];
