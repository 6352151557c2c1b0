import {
  type CoreClasses,
  coreClasses,
  type InterfaceClass,
  type ObisLike,
  type ObjectHandle,
} from "../cosem/index.js";

/** A way to the objects of each common class, by name: `meter.register("1-0:1.8.0*255")`. */
export type ClassHandles = {
  readonly [N in keyof CoreClasses]: (obis: ObisLike) => ObjectHandle<CoreClasses[N]>;
};

/** Whatever hands out objects by class table. */
interface ObjectMaker {
  object<C extends InterfaceClass>(table: C, obis: ObisLike): ObjectHandle<C>;
}

/** Puts a method for each common class on a prototype, once for all meters. */
export function addClassHandles(prototype: ObjectMaker): void {
  for (const [name, table] of Object.entries<InterfaceClass>({ ...coreClasses }))
    Object.defineProperty(prototype, name, {
      configurable: true,
      value(this: ObjectMaker, obis: ObisLike) {
        return this.object(table, obis);
      },
    });
}
