/** A JSON object of the output. Names are the standard's, in kebab case; octets are upper-case hexadecimal text. */
export type Json = { [name: string]: unknown };

/** What a layer adds around an APDU, or a telegram. */
export interface Layer extends Json {
  readonly type: "hdlc" | "wrapper" | "mbus" | "llc" | "iec62056-21" | "p1" | "apdu";
  /** Position of its first octet in the input, counted over all lines. */
  readonly offset: number;
}

/** Why a message was not understood to the end, or which check failed. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  /** Position in the octets that were being read, where it is known. */
  readonly offset: number | null;
}

/** One message of the input. */
export interface Message {
  readonly layers: readonly Layer[];
  /** The APDU that the layers carried; null where they carry none. */
  readonly apdu: Json | null;
  /** What protected the APDU, where something did. Inner protections stand beside the APDU that they protected. */
  readonly security?: Json;
  /** Octets before this message that belong to none. */
  readonly noise?: string;
  /** Deviations of the sender that were tolerated, by name. */
  readonly notices?: readonly string[];
  readonly error: Problem | null;
}

/** Keys and names that help to open what is ciphered. Octets; nothing of them is ever shown. */
export interface TranslateKeys {
  readonly encryptionKey?: Uint8Array;
  readonly broadcastKey?: Uint8Array;
  /** Master key (KEK), which wraps keys that travel in general-ciphering. */
  readonly masterKey?: Uint8Array;
  readonly authenticationKey?: Uint8Array;
  readonly dedicatedKeys?: readonly Uint8Array[];
  /** System titles to try for messages that neither carry nor announce one. */
  readonly systemTitles?: readonly Uint8Array[];
  /** Keys of single messages of general-ciphering that were agreed or handed over otherwise. */
  readonly messageKeys?: readonly Uint8Array[];
  /** Private keys of key agreement, of either end, and public ones, x || y. */
  readonly agreementPrivateKeys?: readonly Uint8Array[];
  readonly agreementPublicKeys?: readonly Uint8Array[];
  /** Public keys of who signs, x || y. Where any is given, every signature must hold under one of them. */
  readonly signerPublicKeys?: readonly Uint8Array[];
  /** Rules of general-ciphering: without it, Great Britain's where the header has that profile's unmistakable shape. */
  readonly profile?: "green-book" | "gbcs";
}
