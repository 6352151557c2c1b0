/** Text of octets as UTF-8; undefined when they are not well-formed UTF-8 (RFC 3629). */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  const ascii = decodeAscii(bytes);
  if (ascii !== undefined) return ascii;
  let text = "";
  for (let i = 0; i < bytes.length; ) {
    const first = bytes[i] as number;
    const size = first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
    if (size === 0 || i + size > bytes.length) return undefined;
    let point = size === 1 ? first : first & (0x7f >> size);
    for (let k = 1; k < size; k++) {
      const next = bytes[i + k] as number;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = point * 64 + (next & 0x3f);
    }
    const overlong = (size === 3 && point < 0x800) || (size === 4 && point < 0x10000);
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return undefined;
    text += String.fromCodePoint(point);
    i += size;
  }
  return text;
}

/** Text of octets below 128; undefined when there are others. */
export function decodeAscii(bytes: Uint8Array): string | undefined {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] as number) > 0x7f) return undefined;
  return decodeLatin1(bytes);
}

/** Text with one character an octet. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, Math.min(bytes.length, at + 4096)));
  return text;
}

/** Octets of a text in UTF-8; undefined when it has lone surrogates. */
export function encodeUtf8(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0) as number;
    if (point >= 0xd800 && point < 0xe000) return undefined;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else
      bytes.push(
        0xf0 | (point >> 18),
        0x80 | ((point >> 12) & 0x3f),
        0x80 | ((point >> 6) & 0x3f),
        0x80 | (point & 0x3f),
      );
  }
  return Uint8Array.from(bytes);
}
