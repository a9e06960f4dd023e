import type { Plan } from '../scenario/plan.ts';

/** Whether a command line of a plan's timeline matches. */
const types = (plan: Plan, pattern: RegExp): boolean =>
  plan.timeline.some((step) => step.type === 'run' && pattern.test(step.line));

/** Whether agents that gossip run in a plan: those of Serf or Consul. */
export const gossips = (plan: Plan): boolean => types(plan, /\b(serf|consul) +agent\b/);

/** Whether servers of Raft run in it. */
export const hasRaft = (plan: Plan): boolean => types(plan, /\bkvd\b|\bconsul +agent\b.* -server\b/);

/** Whether servers wait for each other before they start a cluster. */
export const bootstrapsConsul = (plan: Plan): boolean => types(plan, /\bconsul +agent\b.* -bootstrap-expect\b/);

/** Whether clients ask a store for something. */
export const asksStore = (plan: Plan): boolean => types(plan, /\bkv +\w+/);

/** Whether stores of keys and values on Raft run in it. */
export const runsKvd = (plan: Plan): boolean => types(plan, /\bkvd\b/);

/** Whether clients ask a store all the time. */
export const asksOften = (plan: Plan): boolean => types(plan, /\bkv +load\b/);

/** Whether clients of a store rely on its leader's lease. */
export const readsByLease = (plan: Plan): boolean => types(plan, /\bkv\b.* -reads=lease\b/);

/** Whether somebody changes the members of a cluster of Raft. */
export const changesMembers = (plan: Plan): boolean => types(plan, /\braft +(add-voter|add-learner|remove)\b/);

/** Whether somebody asks a leader to hand over. */
export const handsOver = (plan: Plan): boolean => types(plan, /\braft +transfer\b/);
