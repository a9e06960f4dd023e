import { promotable, prunable } from './autopilot.ts';
import { firstConfiguration, readinessOf } from './bootstrap.ts';
import { admissionOf, departureOf } from './reconcile.ts';

/** The decisions of a Consul server, each by its name: what the class asks, and what a check may replace by a historical bug. */
export const CONSUL_RULES = {
  readinessOf,
  firstConfiguration,
  admissionOf,
  departureOf,
  promotable,
  prunable,
};

export type ConsulRules = typeof CONSUL_RULES;
