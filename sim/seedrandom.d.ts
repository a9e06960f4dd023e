// The published types name the package's entry only, which also loads generators that seed themselves from the clock.
declare module 'seedrandom/lib/alea.js' {
  interface State {
    readonly c: number;
    readonly s0: number;
    readonly s1: number;
    readonly s2: number;
  }
  interface Alea {
    /** Uniform in [0, 1), with 32 bits. */
    (): number;
    int32(): number;
    state(): State;
  }
  /** Goes on from `state` if that is an object, else starts from the seed. */
  export default function alea(seed: string, options: { state: true | State }): Alea;
}
