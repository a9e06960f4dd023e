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
export const changesMembers = (plan: Plan): boolean => types(plan, /\braft +(add-voter|add-learner|admit|change|remove)\b/);

/** Whether somebody asks a leader to hand over. */
export const handsOver = (plan: Plan): boolean => types(plan, /\braft +transfer\b/);

/** Whether a command line or a file of a plan's hosts, which may be a script or a configuration, matches. */
const mentions = (plan: Plan, pattern: RegExp): boolean =>
  types(plan, pattern) || plan.hosts.some(({ files }) => [...files.values()].some((text) => pattern.test(text)));

/** Whether users say something to all agents of Serf. */
export const saysEvents = (plan: Plan): boolean => gossips(plan) && mentions(plan, /\bserf +event\b/);

/** Whether they ask all. */
export const asksAgents = (plan: Plan): boolean => gossips(plan) && mentions(plan, /\bserf +(query|reachability|keys)\b/);

/** Whether agents erase those who are gone within a run: by default they keep them for a day. */
export const erasesMembers = (plan: Plan): boolean => gossips(plan) && mentions(plan, /"(reconnect|tombstone)_timeout"/);

/** Whether servers of Consul run in it. */
export const runsConsul = (plan: Plan): boolean => types(plan, /\bconsul +agent\b/);
