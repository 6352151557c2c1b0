/** Exact decimal text: no floating-point arithmetic touches the digits of a measured value. */

/**
 * The decimal text of `digits` times ten to `exponent`. Digits that the exponent moves behind the point stay, zeros
 * included: they tell the resolution of the register.
 * @param digits a whole or decimal number as JavaScript prints it, exponent form included
 */
export function scaleDecimal(digits: string, exponent: number): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/i.exec(digits);
  if (!match) return digits;
  const [, sign = "", whole = "0", fraction = "", power = "0"] = match;
  const all = whole + fraction;
  const point = whole.length + Number(power) + exponent;
  let text: string;
  if (point <= 0) text = `0.${"0".repeat(-point)}${all}`;
  else if (point >= all.length) text = all + "0".repeat(point - all.length);
  else text = `${all.slice(0, point)}.${all.slice(point)}`;
  text = text.replace(/^0+(?=\d)/, "");
  return /[1-9]/.test(text) ? sign + text : text;
}

/** The shortest decimal that reads back as this single-precision number. */
export function shortestFloat32(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const text = value.toPrecision(digits);
    if (Math.fround(Number(text)) === value) return String(Number(text));
  }
  return String(Number(value.toPrecision(9)));
}

/**
 * The whole number that `decimal` is when counted in units of ten to `scaler`: "1.5" with -1 is 15n.
 * Undefined when it is no decimal number or falls between two such units.
 */
export function unscaleDecimal(decimal: string, scaler: number): bigint | undefined {
  const scaled = scaleDecimal(decimal.trim(), -scaler);
  const match = /^(-?\d+)(?:\.0*)?$/.exec(scaled);
  return match ? BigInt(match[1] as string) : undefined;
}
