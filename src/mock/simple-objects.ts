import { DataClass, ExtendedRegister, Obis, Register } from "../cosem/index.js";
import { CosemDateTime, type Data, u8 } from "../data/index.js";
import type { MockObject, RequestContext } from "./object.js";
import { accessResult, Refusal } from "./results.js";
import { object } from "./table-object.js";

/** A Data object (class 1) whose value is computed at each read. */
export function dataObject(logicalName: Uint8Array, value: (context: RequestContext) => Data): MockObject {
  return object(DataClass, Obis.fromOctets(logicalName), { value });
}

/** A Register (class 3); `unit` is the number of the unit in the standard's table. */
export function registerObject(
  logicalName: Uint8Array,
  scaler: number,
  unit: number,
  value: (context: RequestContext) => Data,
): MockObject {
  return object(Register, Obis.fromOctets(logicalName), { value, scalerUnit: { scaler, unit } });
}

/** An Extended register (class 4): a register with a status and the time of capture. */
export function extendedRegisterObject(
  logicalName: Uint8Array,
  scaler: number,
  unit: number,
  value: (context: RequestContext) => Data,
  captureTime: (context: RequestContext) => Data,
  reset?: (context: RequestContext) => void,
): MockObject {
  const timeOf = (context: RequestContext) => {
    const time = captureTime(context);
    if (time.type !== "octet-string" && time.type !== "date-time") return undefined;
    return CosemDateTime.fromOctets(time.value);
  };
  return object(
    ExtendedRegister,
    Obis.fromOctets(logicalName),
    { value, scalerUnit: { scaler, unit }, status: u8(0), captureTime: timeOf },
    {
      methods: {
        reset: (_, context) => {
          if (reset === undefined) throw new Refusal(accessResult.readWriteDenied);
          reset(context);
        },
      },
    },
  );
}
