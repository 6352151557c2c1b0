/**
 * Every error code of the library, written once: which class carries it, and the sentence that says what to do.
 * A code never changes its meaning; adding one is adding a row to the section of its layer.
 */
export const errorCodes = {
  // usage: the caller's fault, nothing was sent
  "invalid-argument": { kind: "usage", advice: "Correct the argument named in the message." },
  "invalid-obis": { kind: "usage", advice: "Write the code as 1-0:1.8.0*255, 1-0:1.8.0 or 1.0.1.8.0.255." },
  "value-does-not-fit": { kind: "usage", advice: "Give a value of the type and range that the attribute has." },
  "wrong-state": { kind: "usage", advice: "Call this only in the state the message names." },
  "not-supported": {
    kind: "not-supported",
    advice: "The meter did not grant this service or access right; nothing was sent.",
  },
  // decoding: the octets received do not follow the standard
  truncated: { kind: "decode", advice: "Octets are missing: check the capture, the line, or the frame length." },
  malformed: { kind: "decode", advice: "The octets do not follow the standard: record the session and compare." },
  "limit-exceeded": { kind: "decode", advice: "The message claims more than the configured limit; raise it if right." },
  "trailing-bytes": { kind: "decode", advice: "There are octets after the end: two messages may be glued together." },
  // protocol: well-formed, but not allowed now
  "unexpected-message": { kind: "protocol", advice: "The peer broke the sequence: record the session and report it." },
  // security
  "invalid-key": { kind: "usage", advice: "Give a key of the length that the security suite names, in octets." },
  "elliptic-curves-missing": {
    kind: "usage",
    advice: "Give a crypto provider with elliptic curves: withEllipticCurves(portableProvider).",
  },
  "authentication-failed": {
    kind: "security",
    advice: "Check encryption key, authentication key and system title; if they are right, the message was altered.",
  },
  "wrong-key": {
    kind: "security",
    advice: "What was decrypted is no message: check the encryption key and the title.",
  },
  "truncated-tag": { kind: "security", advice: "The authentication tag must have 12 octets: check the capture." },
  "wrong-system-title": {
    kind: "security",
    advice: "The message came from another party than expected: check the address and the configured system title.",
  },
  "system-title-unknown": {
    kind: "security",
    advice: "Neither the message nor the association names the sender's system title: configure it.",
  },
  "counter-repeated": {
    kind: "security",
    advice: "A message with this invocation counter was taken already: it is a repetition or a replay.",
  },
  "counter-lowered": {
    kind: "security",
    advice:
      'The sender\'s invocation counter went back: a replay, or the meter was exchanged or lost its counter. If you know that it was, connect once with `security.receivedCounters: "reset"`.',
  },
  "counter-exhausted": { kind: "security", advice: "The invocation counter of this key is used up: change the key." },
  "counter-reserve-empty": {
    kind: "security",
    advice: "All reserved counters are used: reserve more from the counter store before sending.",
  },
  "counter-jump": {
    kind: "security",
    advice: "The meter asks for a counter far above the stored one: confirm that it is right before going on.",
  },
  "weaker-than-policy": {
    kind: "security",
    advice: "The peer sent something with less protection than agreed: refuse it, or lower the policy on purpose.",
  },
  "wrong-security-suite": { kind: "security", advice: "The peer uses another security suite: configure that one." },
  "compression-unsupported": {
    kind: "security",
    advice: "The message is compressed (V.44), which this library does not do: have the meter send it uncompressed.",
  },
  "key-unknown": { kind: "security", advice: "The message names a key that is not configured: add it." },
  "key-unwrap-failed": { kind: "security", advice: "The wrapped key does not open: check the master key." },
  "invalid-public-key": { kind: "security", advice: "The public key is not a point of the curve: do not use it." },
  "signature-invalid": {
    kind: "security",
    advice: "The signature does not hold: check the signer's public key; if right, the message was altered.",
  },
  "hls-challenge-invalid": {
    kind: "security",
    advice: "The peer's challenge has the wrong length, or is our own sent back: do not go on with this peer.",
  },
  "hls-authentication-failed": {
    kind: "security",
    advice: "The peer could not prove that it knows the secret: check the secret or keys before trying again.",
  },
  "private-key-failed": {
    kind: "security",
    advice:
      "Whoever keeps the private key (HSM, KMS) did not sign or agree: see the cause, and try again once it answers.",
  },
  "counter-store-failed": {
    kind: "security",
    advice: "Counters cannot be stored, so nothing may be sent: check the file, its folder and the permissions.",
  },
  // certificates
  "certificate-expired": {
    kind: "security",
    advice: "The certificate's validity is over: get a new one from its owner, or check the clock of this machine.",
  },
  "certificate-not-yet-valid": {
    kind: "security",
    advice: "The certificate's validity has not begun: check the clock of this machine.",
  },
  "certificate-untrusted": {
    kind: "security",
    advice:
      "No authority that is trusted here issued the certificate: if it is right, add its root or the ones between.",
  },
  "certificate-signature-invalid": {
    kind: "security",
    advice: "The certificate was altered, or another authority of the same name signed it: do not use it.",
  },
  "certificate-not-authority": {
    kind: "security",
    advice: "A certificate of the chain may not issue others: do not use what it signed.",
  },
  "certificate-chain-too-long": {
    kind: "security",
    advice:
      "More authorities stand between the certificate and a root than are followed: raise maxChain if that is right.",
  },
  "certificate-wrong-usage": {
    kind: "security",
    advice: "The certificate's key is for something else: signatures, key agreement and TLS have one each.",
  },
  "certificate-wrong-title": {
    kind: "security",
    advice: "The certificate is another party's: check address and system title, and where the profile puts the title.",
  },
  "certificate-algorithm-unsupported": {
    kind: "security",
    advice: "Use P-256 with SHA-256 or P-384 with SHA-384, and an authority whose curve is not the weaker one.",
  },
  "certificate-unknown": {
    kind: "security",
    advice: "There is no such certificate or key pair: list the certificates, or have the key pair made first.",
  },
  "certificate-wrong-key": {
    kind: "security",
    advice: "The certificate is for another key than the one that was asked for: have a certificate issued anew.",
  },
  "certificate-store-full": {
    kind: "security",
    advice: "There is no room for another certificate: remove one that is not used any more.",
  },
  "certificate-unknown-extension": {
    kind: "security",
    advice: "The certificate is limited in a way that is not understood here, so it may not be used.",
  },
  "key-store-failed": {
    kind: "security",
    advice: "The key store cannot be used: check the folder, its permissions and the free space.",
  },
  "key-store-changed": {
    kind: "security",
    advice: "Someone else changed the secrets of this meter: load them again before going on.",
  },
  "keys-not-stored": {
    kind: "usage",
    advice: "The key store has no entry for this meter, or the entry lacks a secret: save it there first.",
  },
  "key-change-unknown": {
    kind: "security",
    advice:
      "Keep the new secrets and the old ones. Connect again through the key store: it tries the new ones, then the old ones, once each.",
  },
  "keys-unsettled": {
    kind: "security",
    advice:
      "Do not try on: some meters lock out. Find out what the meter has, correct the entry of the key store, or set `tryAgain` on purpose.",
  },
  // association
  "association-rejected": {
    kind: "refused",
    advice: "The meter refused the association: compare client address, authentication and security with its settings.",
  },
  "authentication-refused": {
    kind: "refused",
    advice: "Check password, keys and client address; do not try on, some meters lock out after a few attempts.",
  },
  "request-refused": { kind: "refused", advice: "The meter does not carry out this service: see the reason given." },
  "access-refused": { kind: "refused", advice: "The meter gave no value for this object: see the reason given." },
  "block-transfer-failed": { kind: "protocol", advice: "Blocks were lost or out of order: read again." },
  "response-mismatch": { kind: "protocol", advice: "The answer is not one to this request: record the session." },
  "request-too-long": {
    kind: "not-supported",
    advice: "The request does not fit the meter's PDU size and blocks were not agreed on: ask for less at once.",
  },
  // cosem: classes, attributes, profiles
  "unexpected-type": {
    kind: "decode",
    advice:
      "The meter sends another type than the class has: read it raw (getData), or give a class table of your own.",
  },
  "clock-offset-unknown": {
    kind: "usage",
    advice: "Give utcOffsetMinutes, or bounds as CosemDateTime in the meter's own time.",
  },
  "profile-moved": {
    kind: "protocol",
    advice: "The meter captures rows faster than they can be read by entry: read a range of time instead.",
  },
  // transport
  "connection-lost": { kind: "transport", advice: "The line or socket closed: check cable, probe or network." },
  "connection-refused": { kind: "transport", advice: "Nothing answered at that address: check host, port and path." },
  timeout: { kind: "transport", advice: "No answer in time: check the line, the addresses and the baud rate." },
  aborted: { kind: "transport", advice: "The caller cancelled; what was delivered before stays valid." },
  "host-not-found": { kind: "transport", advice: "The host name is unknown: check the spelling and the name server." },
  "port-not-found": { kind: "transport", advice: "There is no such serial port: list them with `dlms ports`." },
  "permission-denied": {
    kind: "transport",
    advice:
      "You may not open it: on Linux add yourself to the group dialout (sudo usermod -aG dialout $USER), log in again.",
  },
  "port-busy": {
    kind: "transport",
    advice: "Another program has it open: close that program, or choose another port.",
  },
  "own-certificate-refused": {
    kind: "security",
    advice: "Show a certificate that the other end accepts: its authority, its validity, its use and its key.",
  },
  "tls-failed": {
    kind: "security",
    advice: "Check that the other end speaks TLS 1.2 or 1.3 at this port, with a cipher that both know.",
  },
  "peer-not-trusted": {
    kind: "security",
    advice: "The peer's certificate is not the expected one: check the CA, the pinned fingerprint and the host name.",
  },
  "file-failed": { kind: "transport", advice: "The file cannot be written: check folder, permissions and free space." },
  "package-missing": { kind: "transport", advice: "Install the optional package that the message names." },
  // hdlc
  "link-refused": {
    kind: "refused",
    advice: "Check the addresses: the meter may not know this client, or another session holds it.",
  },
  "link-disconnected": { kind: "protocol", advice: "The meter dropped the link: connect again." },
  "frame-rejected": { kind: "protocol", advice: "Smaller frames or a window of 1 may help; record the session." },
  // client
  "counter-unknown": {
    kind: "security",
    advice:
      "Give `security.counters` with the counter in it, or `counterRecovery` with the object that tells it or a firstCounter.",
  },
  "connection-replaced": {
    kind: "transport",
    advice: "The meter dialled in again: go on over its new connection.",
  },
  "meter-unknown": {
    kind: "security",
    advice: "Nothing was asked of it with any key: add the meter to the registry by the mark that it shows.",
  },
  "identity-unproven": {
    kind: "security",
    advice:
      "The meter only claimed who it is. Let it prove that by a ciphered push, HLS or a certificate, or allow claims for it.",
  },
  "replay-mismatch": {
    kind: "protocol",
    advice: "Connect with the addresses, keys and options of the recorded session, and ask the same in the same order.",
  },
} as const satisfies Record<string, { readonly kind: ErrorKind; readonly advice: string }>;

/** The branch of the error family that a code belongs to. */
export type ErrorKind = "usage" | "not-supported" | "protocol" | "decode" | "security" | "refused" | "transport";

/** A stable, documented identifier of what went wrong. */
export type ErrorCode = keyof typeof errorCodes;
