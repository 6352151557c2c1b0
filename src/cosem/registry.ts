/** Finds the table of a class by what an object list tells: class and version. */
import type { InterfaceClass } from "./define.js";

/** Tables by class and version; open to a user's own. Immutable. */
export class ClassRegistry implements Iterable<InterfaceClass> {
  readonly #versions = new Map<number, Map<number, InterfaceClass>>();

  /** @param tables of equal class and version the last one counts */
  constructor(tables: Iterable<InterfaceClass>) {
    for (const table of tables) {
      const versions = this.#versions.get(table.id) ?? new Map<number, InterfaceClass>();
      this.#versions.set(table.id, versions.set(table.version, table));
    }
  }

  /** The same and more; a table of a class and version that is there already replaces it. */
  with(...tables: readonly InterfaceClass[]): ClassRegistry {
    return new ClassRegistry([...this, ...tables]);
  }

  /** The table of exactly this version. */
  find(classId: number, version: number): InterfaceClass | undefined {
    return this.#versions.get(classId)?.get(version);
  }

  /**
   * The table of this version or, where it is not known, the newest one before it, else the oldest after it: versions
   * mostly add. Undefined for an unknown class, whose attributes can only be read as they are.
   */
  closest(classId: number, version: number): InterfaceClass | undefined {
    const newestFirst = [...(this.#versions.get(classId)?.values() ?? [])].sort((a, b) => b.version - a.version);
    return newestFirst.find((table) => table.version <= version) ?? newestFirst.at(-1);
  }

  /** The newest version of a class. */
  newest(classId: number): InterfaceClass | undefined {
    return this.closest(classId, Number.POSITIVE_INFINITY);
  }

  *[Symbol.iterator](): Iterator<InterfaceClass> {
    for (const versions of this.#versions.values()) yield* versions.values();
  }
}
