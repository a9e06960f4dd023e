declare const brand: unique symbol;

/** A primitive with a meaning, so that a term, an index and an instant cannot be mixed by accident. Costs nothing at run time. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
