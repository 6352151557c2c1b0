import type { Json, Message } from "./types.js";

/** Messages as a tree for people: a line a field, indented. */
export function renderMessages(messages: readonly Message[]): string {
  return messages.map(renderMessage).join("\n");
}

function renderMessage(message: Message, index: number): string {
  const lines = [`message ${index + 1}`];
  if (message.noise !== undefined) lines.push(`  noise ${message.noise}`);
  for (const { type, offset, ...fields } of message.layers) {
    lines.push(`  @${offset} ${type}`);
    addFields(lines, fields, 4);
  }
  if (message.security !== undefined) {
    lines.push("  security");
    addFields(lines, message.security, 4);
  }
  if (message.apdu !== null) addField(lines, "apdu", message.apdu, 2);
  for (const notice of message.notices ?? []) lines.push(`  note: ${notice}`);
  if (message.error !== null) {
    const { code, message: text, offset } = message.error;
    lines.push(`  ERROR ${code}: ${text}${offset === null ? "" : ` (offset ${offset})`}`);
  }
  return `${lines.join("\n")}\n`;
}

function addFields(lines: string[], fields: Json, indent: number): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name.endsWith("Text") && name.slice(0, -4) in fields) continue;
    addField(lines, name, value, indent, fields[`${name}Text`]);
  }
}

function addField(lines: string[], name: string, value: unknown, indent: number, text?: unknown): void {
  const start = `${" ".repeat(indent)}${name}`;
  const tail = text === undefined ? "" : ` (${text})`;
  if (value === null || typeof value !== "object") {
    lines.push(`${start}: ${value ?? "none"}${tail}`);
    return;
  }
  if (Array.isArray(value)) {
    lines.push(`${start}${value.length === 0 ? ": none" : ""}`);
    for (const [i, item] of value.entries()) addField(lines, `[${i}]`, item, indent + 2);
    return;
  }
  const { type, ...fields } = value as Json;
  const isData = "value" in fields && typeof type === "string";
  if (!isData) {
    lines.push(`${start}${type === undefined ? "" : `: ${type}`}`);
    addFields(lines, fields, indent + 2);
    return;
  }
  const { value: inner, text: rendered } = fields as { value: unknown; text?: unknown };
  if (Array.isArray(inner)) {
    lines.push(`${start}: ${type} of ${inner.length}`);
    for (const [i, item] of inner.entries()) addField(lines, `[${i}]`, item, indent + 2);
  } else lines.push(`${start}: ${type} ${inner ?? ""}${rendered === undefined ? "" : ` (${rendered})`}`.trimEnd());
}
