/**
 * Where the original behaves oddly, or differed between its versions: one switch each, true for the odd or old way.
 *
 * A profile is one setting of all of them. Checks judge `fixed`; under the other two what these switches break is known by name.
 */
export interface Quirks {
  /** A helper sends its nack only after the whole probe timeout, too late for a healthy LAN member to count it; else at four fifths, as the Lifeguard paper has it. */
  readonly lateNack: boolean;
  /** Of the parts of one datagram alives are handled first, and within a class the last one first. */
  readonly handoffLifo: boolean;
  /** The 4-byte and the 16-byte form of one IPv4 address are two addresses: the other form under the same name is a conflict. */
  readonly addrBytesStrict: boolean;
  /** A refutation is queued under the own address and not the name, so it does not replace an older alive about us. */
  readonly refuteKeyIsAddress: boolean;
  /** The ids of queued broadcasts begin anew whenever the queue looks empty, and of two entries that then look equal one is lost. */
  readonly queueIdReset: boolean;
  /** Members that left are never forgotten (memberlist before 0.3). */
  readonly leftNeverForgotten: boolean;
  /** Random members are always drawn with replacement, so a small cluster's only eligible one may be missed (memberlist before 0.6). */
  readonly kChoiceSampling: boolean;
  /** A datagram that our own host refuses to send ends the probe without a verdict (memberlist before 0.3). */
  readonly udpErrorEndsProbe: boolean;
  /** A probe whose ping could not even be sent does not improve local health when it succeeds by another way. */
  readonly probeErrorNoCredit: boolean;
  /** What goes along with a ping or an ack may fill a packet to two bytes more than the limit: the length of the ping itself is not reckoned with. */
  readonly piggyback1402: boolean;
  /** More than 255 messages go into one packet, whose count then says 256 less, so that nobody can read it (memberlist before 0.3). */
  readonly compoundUnsplit: boolean;
  /** Whether a packet to a mere address has a checksum depends on a member whose *name* is the text of that address. */
  readonly crcByNameLookup: boolean;
  /** The health score ends one below the multiplier, where the Lifeguard paper lets it reach it. */
  readonly healthMax7: boolean;
  /** Bad health lengthens the probe but not the wait for the direct answer, as the Lifeguard paper has it. */
  readonly timeoutUnscaled: boolean;
  /** Ticks start with the node, because the random delay of the first one is shorter than the period already waited for. */
  readonly probeStaggerNoop: boolean;
  /** Evidence against a member that is dead already does not raise its incarnation, so a late alive between the two revives it. */
  readonly staleAliveRevives: boolean;
  /** A confirmation with a higher incarnation does not raise the suspect's, so the death that follows is old news to those who know the higher one. */
  readonly confirmationKeepsIncarnation: boolean;
  /** Nobody answers an outdated alive message, so that a member restarted among others that were may never hear that it is held to be dead. */
  readonly staleAliveUnanswered: boolean;
  /** Nothing of Lifeguard: bad health does not lengthen probes, no helper has to answer, suspicions wait for nobody, and no suspect is warned. */
  readonly noLifeguard: boolean;
}

export type Profile = 'serf-0.9' | 'serf-0.10' | 'fixed';

export const QUIRKS: Readonly<Record<Profile, Quirks>> = {
  'serf-0.9': {
    lateNack: true,
    handoffLifo: true,
    addrBytesStrict: true,
    refuteKeyIsAddress: true,
    queueIdReset: true,
    leftNeverForgotten: true,
    kChoiceSampling: true,
    udpErrorEndsProbe: true,
    probeErrorNoCredit: true,
    piggyback1402: true,
    compoundUnsplit: true,
    crcByNameLookup: true,
    healthMax7: true,
    timeoutUnscaled: true,
    probeStaggerNoop: true,
    staleAliveRevives: true,
    confirmationKeepsIncarnation: true,
    staleAliveUnanswered: true,
    noLifeguard: false,
  },
  'serf-0.10': {
    lateNack: true,
    handoffLifo: true,
    addrBytesStrict: true,
    refuteKeyIsAddress: true,
    queueIdReset: true,
    leftNeverForgotten: false,
    kChoiceSampling: false,
    udpErrorEndsProbe: false,
    probeErrorNoCredit: true,
    piggyback1402: true,
    compoundUnsplit: false,
    crcByNameLookup: true,
    healthMax7: true,
    timeoutUnscaled: true,
    probeStaggerNoop: true,
    staleAliveRevives: true,
    confirmationKeepsIncarnation: true,
    staleAliveUnanswered: true,
    noLifeguard: false,
  },
  fixed: {
    lateNack: false,
    handoffLifo: false,
    addrBytesStrict: false,
    refuteKeyIsAddress: false,
    queueIdReset: false,
    leftNeverForgotten: false,
    kChoiceSampling: false,
    udpErrorEndsProbe: false,
    probeErrorNoCredit: true,
    piggyback1402: false,
    compoundUnsplit: false,
    crcByNameLookup: false,
    healthMax7: true,
    timeoutUnscaled: true,
    probeStaggerNoop: false,
    staleAliveRevives: false,
    confirmationKeepsIncarnation: false,
    staleAliveUnanswered: false,
    noLifeguard: false,
  },
};
