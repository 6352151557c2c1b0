import {
  actionResults,
  confirmedServices,
  dataAccessResults,
  exceptionServiceErrors,
  exceptionStateErrors,
  nameIn,
  serviceErrorNames,
  serviceErrors,
} from "../apdu/index.js";
import { encodedData } from "./xml-data.js";
import {
  type Content,
  decimal,
  type FieldRow,
  fields,
  group,
  hexadecimal,
  items,
  type Notation,
  named,
  nothing,
  objectName,
  oneOf,
  onlyChild,
  option,
  readDecimal,
  row,
  textual,
  truth,
  wrapped,
} from "./xml-notation.js";
import { element, malformed, type XmlElement } from "./xml-text.js";

/** The flags of invoke-id-and-priority and the bits that they are, from the highest on. */
const shortFlags = { highPriority: 7, confirmed: 6 } as const;
const longFlags = { highPriority: 31, confirmed: 30, breakOnError: 29, selfDescriptive: 28 } as const;

/** invoke-id-and-priority as one number. */
function invokeId(flags: Readonly<Record<string, number>>, reservedBits: number, idBits: number): Notation {
  return textual(
    (value: Readonly<Record<string, number | boolean>>) => {
      const set = Object.entries(flags).filter(([flag]) => value[flag] === true);
      const reserved = Number(value["reserved"] ?? 0) * 2 ** idBits;
      return String(set.reduce((sum, [, bit]) => sum + 2 ** bit, Number(value["invokeId"]) + reserved));
    },
    (text) => {
      const number = readDecimal(text);
      if (number < 0 || number >= 2 ** (idBits + reservedBits + Object.keys(flags).length))
        throw malformed("an invoke-id that is too large");
      const reserved = Math.floor(number / 2 ** idBits) % 2 ** reservedBits;
      const set = Object.entries(flags).map(([flag, bit]) => [flag, Math.floor(number / 2 ** bit) % 2 === 1]);
      return { invokeId: number % 2 ** idBits, ...Object.fromEntries(set), ...(reserved !== 0 && { reserved }) };
    },
  );
}

const id = row("invokeIdAndPriority", invokeId(shortFlags, 2, 4));
const longId = row("longInvokeIdAndPriority", invokeId(longFlags, 4, 24));
const attribute = fields(row("classId", decimal), row("instanceId", hexadecimal), row("attributeId", decimal));
const method = fields(row("classId", decimal), row("instanceId", hexadecimal), row("methodId", decimal));
const attributeRow = row("attribute", attribute, "cosem-attribute-descriptor");
const methodRow = row("method", method, "cosem-method-descriptor");
const selection = fields(
  row("selector", decimal, "access-selector"),
  row("parameters", encodedData, "access-parameters"),
);
const selectionRow = option("access", selection, "access-selection", "access-parameters");
const selected = items("Cosem-Attribute-Descriptor-With-Selection", fields(attributeRow, selectionRow));
const block = fields(row("lastBlock", truth), row("blockNumber", decimal), row("rawData", hexadecimal));
const accessResult = named(dataAccessResults);
const actionResult = named(actionResults);
const listOfData = items("Data", encodedData);

/** Data, or why there are none. */
function resultOf(name: string, data: Notation): Notation {
  return {
    write(value) {
      const result = value as { readonly ok: boolean; readonly data?: Uint8Array; readonly result?: number };
      return element("", [
        result.ok
          ? { ...data.write(result.data), name }
          : { ...accessResult.write(result.result), name: "data-access-result" },
      ]);
    },
    read(content) {
      const child = onlyChild(content);
      if (child.name === name) return { ok: true, data: data.read(child) };
      if (child.name === "data-access-result") return { ok: false, result: accessResult.read(child) };
      throw malformed(`<${child.name}> where a result belongs`);
    },
  };
}

const result = resultOf("data", encodedData);
/** Results one after the other, each with its own element alone. */
const results: Notation = {
  write: (value) =>
    element(
      "",
      (value as readonly unknown[]).flatMap((item) => result.write(item).children),
    ),
  read: ({ children }) => children.map((child) => result.read(element("", [child]))),
};
const answered = fields(row("result", actionResult), option("returned", result, "return-parameters"));

/** A service in several forms: an element of the form inside that of the service. */
export function forms(
  type: string,
  table: Readonly<Record<string, readonly FieldRow[]>>,
  otherNames: Readonly<Record<string, string>> = {},
): Notation {
  const named = oneOf(
    Object.fromEntries(Object.entries(table).map(([choice, rows]) => [choice, [`${type}-${choice}`, fields(...rows)]])),
  );
  return {
    write: named.write,
    read(content) {
      const child = onlyChild(content);
      return named.read(element("", [{ ...child, name: otherNames[child.name] ?? child.name }]));
    },
  };
}

export const getRequest = forms("get-request", {
  normal: [id, attributeRow, selectionRow],
  next: [id, row("blockNumber", decimal)],
  "with-list": [id, row("attributes", selected, "attribute-descriptor-list")],
});
export const getResponse = forms(
  "get-response",
  {
    normal: [id, row("result", result)],
    "with-datablock": [
      id,
      group(
        "result",
        row("lastBlock", truth),
        row("blockNumber", decimal),
        row("result", resultOf("raw-data", hexadecimal)),
      ),
    ],
    "with-list": [id, row("results", results, "result")],
  },
  { "get-response-with-data-block": "get-response-with-datablock" },
);
export const setRequest = forms(
  "set-request",
  {
    normal: [id, attributeRow, selectionRow, row("value", encodedData)],
    "with-first-datablock": [id, attributeRow, selectionRow, row("datablock", block)],
    "with-datablock": [id, row("datablock", block)],
    "with-list": [
      id,
      row("attributes", selected, "attribute-descriptor-list"),
      row("values", listOfData, "value-list"),
    ],
    "with-list-and-first-datablock": [
      id,
      row("attributes", selected, "attribute-descriptor-list"),
      row("datablock", block),
    ],
  },
  { "set-request-first-data-block": "set-request-with-first-datablock" },
);
const setResults = items("Data-Access-Result", accessResult);
export const setResponse = forms(
  "set-response",
  {
    normal: [id, row("result", accessResult)],
    datablock: [id, row("blockNumber", decimal)],
    "last-datablock": [id, row("result", accessResult), row("blockNumber", decimal)],
    "last-datablock-with-list": [id, row("results", setResults, "result"), row("blockNumber", decimal)],
    "with-list": [id, row("results", setResults, "result")],
  },
  {
    "set-response-data-block": "set-response-datablock",
    "set-response-with-last-data-block": "set-response-last-datablock",
  },
);
const methods = row("methods", items("Cosem-Method-Descriptor", method), "cosem-method-descriptor-list");
const pblock = row("pblock", block);
export const actionRequest = forms("action-request", {
  normal: [id, methodRow, option("parameter", encodedData, "method-invocation-parameters")],
  "next-pblock": [id, row("blockNumber", decimal)],
  "with-list": [id, methods, row("parameters", listOfData, "method-invocation-parameters")],
  "with-first-pblock": [id, methodRow, pblock],
  "with-list-and-first-pblock": [id, methods, pblock],
  "with-pblock": [id, pblock],
});
export const actionResponse = forms("action-response", {
  normal: [id, row("response", answered, "single-response")],
  "with-pblock": [id, pblock],
  "with-list": [id, row("responses", items("Action-Response-With-Optional-Data", answered), "list-of-responses")],
  "next-pblock": [id, row("blockNumber", decimal)],
});

const asked = items(
  "Access-Request-Specification",
  oneOf({
    get: ["access-request-get", fields(attributeRow)],
    set: ["access-request-set", fields(attributeRow)],
    action: ["access-request-action", fields(methodRow)],
    "get-with-selection": ["access-request-get-with-selection", fields(attributeRow, selectionRow)],
    "set-with-selection": ["access-request-set-with-selection", fields(attributeRow, selectionRow)],
  }),
);
const done = items(
  "Access-Response-Specification",
  oneOf({
    get: ["access-response-get", fields(row("result", accessResult))],
    set: ["access-response-set", fields(row("result", accessResult))],
    action: ["access-response-action", fields(row("result", actionResult))],
  }),
);
const dateTime = row("dateTime", hexadecimal);
export const accessRequest = fields(
  longId,
  dateTime,
  group(
    "access-request-body",
    row("specifications", asked, "access-request-specification"),
    row("data", listOfData, "access-request-list-of-data"),
  ),
);
export const accessResponse = fields(
  longId,
  dateTime,
  group(
    "access-response-body",
    option("requested", asked, "access-request-specification"),
    row("data", listOfData, "access-response-list-of-data"),
    row("results", done, "access-response-specification"),
  ),
);

export const dataNotification = fields(
  longId,
  dateTime,
  group("notification-body", row("body", encodedData, "data-value")),
);
export const dataNotificationConfirm = fields(longId, dateTime);
export const eventNotification = fields(
  option("time", hexadecimal),
  attributeRow,
  row("value", encodedData, "attribute-value"),
);

const variable = oneOf({
  "variable-name": ["variable-name", wrapped("name", objectName)],
  "parameterized-access": [
    "parameterized-access",
    fields(row("name", objectName, "variable-name"), row("selector", decimal), row("parameter", encodedData)),
  ],
  "block-number-access": ["block-number-access", fields(row("blockNumber", decimal))],
  "read-data-block-access": ["read-data-block-access", block],
  "write-data-block-access": ["write-data-block-access", fields(row("lastBlock", truth), row("blockNumber", decimal))],
});
/** `data-access-result` for the error of an item, as other programs write it. */
const itemsOf = (notation: Notation): Notation => {
  const list = items("CHOICE", notation);
  const renamed = (child: XmlElement): XmlElement =>
    child.name === "data-access-result" ? { ...child, name: "data-access-error" } : child;
  return {
    write: list.write,
    read: (content) =>
      list.read({
        ...content,
        children: content.children.map((item) => ({ ...item, children: item.children.map(renamed) })),
      }),
  };
};
const variableList = items("Variable-Access-Specification", variable);
const variables = row("variables", variableList, "variable-access-specification");
const values = row("values", listOfData, "list-of-data");
/** The list is all that the request holds, so its items stand in the request itself. */
export const readRequest = wrapped("variables", variableList);
export const readResponse = wrapped(
  "results",
  itemsOf(
    oneOf({
      data: ["data", wrapped("data", encodedData)],
      "data-access-error": ["data-access-error", wrapped("result", accessResult)],
      "data-block-result": ["data-block-result", block],
      "block-number": ["block-number", wrapped("blockNumber", decimal)],
    }),
  ),
);
export const writeRequest = fields(variables, values);
export const writeResponse = wrapped(
  "results",
  itemsOf(
    oneOf({
      success: ["success", nothing],
      "data-access-error": ["data-access-error", wrapped("result", accessResult)],
      "block-number": ["block-number", wrapped("blockNumber", decimal)],
    }),
  ),
);
export const informationReport = fields(option("currentTime", hexadecimal), variables, values);

export const exceptionResponse = fields(
  row("stateError", named(exceptionStateErrors)),
  row("serviceError", named(exceptionServiceErrors)),
  option("invocationCounter", decimal),
);

/** Elements of the services that have an error of their own; the others by their names in the standard. */
const initiateError = "initiateError";
/** Prefix of an element whose number has no name. */
const unnamed = "number-";

export const confirmedServiceError: Notation = {
  write(error) {
    const { category, service, value } = error as { category: number; service: number; value: number };
    const names = serviceErrorNames(category, value);
    const serviceName = nameIn(confirmedServices, service) ?? `${unnamed}${service}`;
    const inner = element(names.category ?? `${unnamed}${category}`, [], names.value ?? String(value));
    return element("", [element(serviceName === "initiate-error" ? initiateError : serviceName, [inner])]);
  },
  read(content: Content) {
    const outer = onlyChild(content);
    const inner = onlyChild(outer);
    const service = numberOf(outer.name === initiateError ? "initiate-error" : outer.name, confirmedServices);
    const table = Object.hasOwn(serviceErrors, inner.name)
      ? serviceErrors[inner.name as keyof typeof serviceErrors]
      : undefined;
    const category = table?.category ?? numberOf(inner.name, {});
    return { service, category, value: named(table?.values ?? {}).read(inner) };
  },
};

function numberOf(name: string, table: Readonly<Record<string, number>>): number {
  const number = Object.hasOwn(table, name) ? table[name] : undefined;
  if (number !== undefined) return number;
  if (!name.startsWith(unnamed)) throw malformed(`<${name}> where an error belongs`);
  return readDecimal(name.slice(unnamed.length));
}
