import { type Apdu, apduTags, type GeneralBlockTransfer, inspectApdu } from "../apdu/index.js";
import { DlmsError } from "../base/index.js";
import { parseTelegram } from "../iec62056-21/index.js";
import { apduJson } from "./apdu-json.js";
import { BlockAssembly } from "./blocks.js";
import { problemOf } from "./data-json.js";
import { copyOffsets, rememberOctets, rememberOffsets } from "./offsets.js";
import type { Opener, Sealed, Sender } from "./opener.js";
import { telegramLayer } from "./telegram.js";
import type { Json, Layer, Problem } from "./types.js";

/** An APDU explained. */
export interface Explained {
  /** Null where the octets are no APDU but a telegram. */
  readonly apdu: Json | null;
  readonly security?: Json;
  /** A telegram that was inside. */
  readonly telegram?: Layer;
  /** Set for a block of a general block transfer; `apdu` of the last one holds the assembled APDU. */
  readonly block?: GeneralBlockTransfer;
  readonly notices: readonly string[];
  readonly problem?: Problem;
}

/** Deepest nesting of protections and gateways that is followed. */
const deepest = 8;
const tooDeep: Problem = {
  code: "limit-exceeded",
  message: `more than ${deepest} layers inside each other; what is deeper was not looked at`,
  offset: null,
};
/** Where an APDU stands: in how many others, after which announced title, and whether a tag around it held. */
interface Place {
  readonly depth: number;
  readonly announcedTitle?: Uint8Array;
  readonly covered?: boolean;
}
const clientTypes = /request|^aarq$|^rlrq$/;

/** Explains APDUs one after the other; what one tells (titles, keys, blocks) serves the next. */
export class Explainer {
  readonly #opener: Opener;
  readonly #blocks = new BlockAssembly();

  constructor(opener: Opener) {
    this.#opener = opener;
  }

  explain(bytes: Uint8Array, place: Place = { depth: 0 }): Explained {
    const { depth } = place;
    if (bytes[0] === 0x2f && depth > 0) return explainTelegram(bytes);
    const notices: string[] = [];
    const problems: Problem[] = [];
    const offsets = new Map<string, number>();
    const { apdu, error } = inspectApdu(bytes, {
      onNotice: ({ name }) => notices.push(name),
      onField: ({ path, offset }) => offsets.set(path, offset),
    });
    if (error !== undefined) problems.push(problemOf(error));
    if (apdu === undefined) return { apdu: null, notices, ...first(problems) };
    const fail = (problem: Problem) => problems.push(problem);
    if (error !== undefined) {
      // Fields before the fault; what is nested in them was not looked at.
      const json = { ...apduJson(apdu, fail), incomplete: true };
      rememberOffsets(json, offsets);
      return { apdu: json, notices, ...first(problems) };
    }
    const whole = apdu as Apdu;
    this.#learn(whole);
    const json = this.#json(whole, fail);
    rememberOffsets(json, offsets);
    rememberOctets(json, bytes);
    const inner = this.#inner(whole, bytes, json, place, fail);
    return {
      apdu: json,
      notices: [...notices, ...(inner?.notices ?? [])],
      ...(inner?.security && { security: inner.security }),
      ...(inner?.telegram && { telegram: inner.telegram }),
      ...(whole.type === "general-block-transfer" && { block: whole }),
      ...first(problems),
    };
  }

  #json(apdu: Apdu, fail: (problem: Problem) => void): Json {
    const json = apduJson(apdu, fail);
    const data = this.#blocks.add(apdu, fail);
    return data === undefined ? json : { ...json, reassembled: data };
  }

  #learn(apdu: Apdu): void {
    if (apdu.type === "aarq") this.#opener.learnTitle(apdu.callingApTitle, "client");
    else if (apdu.type === "aare") this.#opener.learnTitle(apdu.respondingApTitle, "server");
    else if (apdu.type === "initiate-request") this.#opener.learnDedicatedKey(apdu.dedicatedKey);
    else if (apdu.type === "general-glo-ciphering" || apdu.type === "general-ded-ciphering")
      this.#opener.learnTitle(apdu.systemTitle, "unknown");
    else if (apdu.type === "general-ciphering") this.#opener.learnTitle(apdu.originatorSystemTitle, "unknown");
  }

  /** Explains what the APDU holds inside, and puts it into `json`. */
  #inner(
    apdu: Apdu,
    octets: Uint8Array,
    json: Json,
    place: Place,
    fail: (problem: Problem) => void,
  ): { security?: Json; telegram?: Layer; notices: readonly string[] } | undefined {
    const { depth, covered = false } = place;
    const sealed = sealedOf(apdu, octets, place.announcedTitle);
    if (depth >= deepest) {
      if (sealed !== undefined || apdu.type === "general-signing") fail(tooDeep);
      return undefined;
    }
    if (sealed !== undefined) {
      delete json["content"];
      const { security, plaintext, problem } = this.#opener.open(sealed);
      if (problem !== undefined) fail(problem);
      if (plaintext === undefined) return { security, notices: [] };
      const {
        apdu: inner,
        telegram,
        notices,
      } = this.#nest(plaintext, { depth, covered: covered || security["authenticated"] === true }, fail);
      if (inner !== null) json["apdu"] = inner;
      return { security, ...(telegram && { telegram }), notices };
    }
    if (apdu.type === "general-signing") {
      const { signature, problem } = this.#opener.signature(octets, apdu, covered);
      json["signature"] = signature;
      if (problem !== undefined) fail(problem);
      return this.#into(json, "apdu", "content", apdu.content, { depth, covered }, fail);
    }
    if (apdu.type === "gateway-request" || apdu.type === "gateway-response")
      return this.#into(json, "apdu", "apdu", apdu.apdu, { depth }, fail);
    const association = apdu as { [key in "userInformation" | "callingApTitle" | "respondingApTitle"]?: Uint8Array };
    if (association.userInformation !== undefined) {
      const announcedTitle = association.callingApTitle ?? association.respondingApTitle;
      const inside = { depth, ...(announcedTitle && { announcedTitle }) };
      return this.#into(json, "userInformation", "userInformation", association.userInformation, inside, fail);
    }
    return undefined;
  }

  #into(json: Json, key: string, replaced: string, octets: Uint8Array, place: Place, fail: (problem: Problem) => void) {
    const { apdu, notices } = this.#nest(octets, place, fail);
    if (apdu === null) return { notices };
    delete json[replaced];
    json[key] = apdu;
    return { notices };
  }

  /** An APDU inside another: its security stands beside it. */
  #nest(octets: Uint8Array, place: Place, fail: (problem: Problem) => void) {
    const inner = this.explain(octets, { ...place, depth: place.depth + 1 });
    if (inner.problem !== undefined) fail(inner.problem);
    const json =
      inner.apdu === null || inner.security === undefined ? inner.apdu : securityFirst(inner.apdu, inner.security);
    return { ...inner, apdu: json };
  }
}

function securityFirst(apdu: Json, security: Json): Json {
  const { apdu: opened, ...rest } = apdu;
  const json = { ...rest, security, ...(opened !== undefined && { apdu: opened }) };
  copyOffsets(apdu, json);
  return json;
}

function first(problems: readonly Problem[]): { problem?: Problem } {
  return problems[0] === undefined ? {} : { problem: problems[0] };
}

function senderOf(type: string): Sender {
  if (/event-notification|information-report/.test(type)) return "server";
  return clientTypes.test(type) ? "client" : "server";
}

const dedicatedOf = (type: string) => type.startsWith("ded-") || type === "general-ded-ciphering";

function sealedOf(apdu: Apdu, octets: Uint8Array, announcedTitle: Uint8Array | undefined): Sealed | undefined {
  const { type } = apdu;
  const common = { dedicated: dedicatedOf(type), ...(announcedTitle && { announcedTitle }) };
  if (apdu.type === "general-glo-ciphering" || apdu.type === "general-ded-ciphering")
    return { ...common, content: apdu.content, systemTitle: apdu.systemTitle, sender: "unknown" };
  if (apdu.type === "general-ciphering") {
    const { content, originatorSystemTitle: systemTitle } = apdu;
    return { ...common, content, systemTitle, sender: "unknown", general: { octets, apdu } };
  }
  if (!/^(glo|ded)-/.test(type) || !("content" in apdu)) return undefined;
  const plainType = type.slice(4) as keyof typeof apduTags;
  return { ...common, content: apdu.content, sender: senderOf(plainType), plainTag: apduTags[plainType] };
}

function explainTelegram(bytes: Uint8Array): Explained {
  try {
    const layer = telegramLayer(parseTelegram(bytes), 0);
    const problem = layer["crcOk"] === false ? checkProblem("the CRC of the telegram does not hold") : undefined;
    const ended = bytes.includes(0x21) ? undefined : unclosedTelegram;
    return {
      apdu: null,
      telegram: layer,
      notices: [],
      ...first([problem ?? ended].filter((one) => one !== undefined)),
    };
  } catch (error) {
    if (DlmsError.is(error)) return { apdu: null, notices: [], problem: problemOf(error) };
    throw error;
  }
}

/** The problem of a telegram without its end. */
export const unclosedTelegram: Problem = {
  code: "truncated",
  message: "the telegram ends before its !",
  offset: null,
};

/** The problem of a check sum that does not hold. */
export function checkProblem(message: string): Problem {
  return { code: "check-failed", message, offset: null };
}
