import { expect, expectTypeOf, it } from "vitest";
import {
  type AttributeHandle,
  type Clock,
  type ClockBase,
  defineClass,
  fixed,
  type Obis,
  type ObisText,
  type ObjectHandle,
  type ProfileGeneric,
  type Quantity,
  type Register,
  type ScaledHandle,
  type UnitName,
  uint16,
} from "../../src/cosem/index.js";
import type { CosemDateTime } from "../../src/data/index.js";

declare const register: ObjectHandle<typeof Register>;
declare const clock: ObjectHandle<typeof Clock>;
declare const profile: ObjectHandle<typeof ProfileGeneric>;
declare function object(code: ObisText): void;

/** Never run: what matters is that it compiles, and what must not compile is marked so. */
function misuse(text: string): void {
  object("1-0:1.8.0*255");
  object("1-0:1.8.0");
  object("1.0.1.8.0.255");
  // @ts-expect-error a group is missing
  object("1-0:1.8");
  // @ts-expect-error no OBIS code at all
  object("energy");
  // @ts-expect-error five groups
  object("1.0.1.8.0");
  // @ts-expect-error text known at run time goes through Obis.parse
  object(text);
  // @ts-expect-error a measured value is not set by its scaled value
  register.value.set(5);
  // @ts-expect-error no such unit
  void register.scalerUnit.set({ scaler: 0, unit: "kWh!" });
  // @ts-expect-error shift_time takes seconds
  void clock.shiftTime("5");
  // @ts-expect-error the class has no such attribute
  void clock.value;
  defineClass({ id: 1, version: 0, name: "mine", attributes: { limit: fixed(2, uint16) } });
  // @ts-expect-error an attribute needs a specification
  defineClass({ id: 1, version: 0, name: "mine", attributes: { limit: 2 } });
}

it("handles have the types of their tables", () => {
  expectTypeOf<typeof register.value>().toEqualTypeOf<ScaledHandle>();
  expectTypeOf<ReturnType<typeof register.value.get>>().resolves.toEqualTypeOf<Quantity>();
  expectTypeOf<ReturnType<typeof register.scalerUnit.get>>().resolves.toEqualTypeOf<{
    readonly scaler: number;
    readonly unit: UnitName | number;
  }>();
  expectTypeOf<typeof register.logicalName>().toEqualTypeOf<AttributeHandle<Obis>>();
  expectTypeOf<ReturnType<typeof clock.time.get>>().resolves.toEqualTypeOf<CosemDateTime>();
  expectTypeOf<ReturnType<typeof clock.clockBase.get>>().resolves.toEqualTypeOf<keyof typeof ClockBase | number>();
  expectTypeOf<Parameters<typeof clock.shiftTime>[0]>().toEqualTypeOf<number>();
  expectTypeOf<Awaited<ReturnType<typeof profile.captureObjects.get>>[number]["logicalName"]>().toEqualTypeOf<Obis>();
  expectTypeOf<Awaited<ReturnType<typeof profile.capturePeriod.get>>>().toEqualTypeOf<number>();
});

it("misuse does not compile", () => {
  expect(misuse).toHaveLength(1);
});
