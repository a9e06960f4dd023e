/** How deeply a scenario may nest. */
export const DEPTH_LIMIT = 64;

/** How many values it may have after its aliases are written out. */
export const VALUE_LIMIT = 500_000;
