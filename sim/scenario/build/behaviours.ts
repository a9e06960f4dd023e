import type { Behaviour } from '../../host/program.ts';
import type { HostInput, ScenarioInput } from '../schema.ts';
import type { Machine } from './machines.ts';

/** Whose behaviour the programs of each host follow: what the scenario says, and over that what the host says. */
export class Behaviours {
  private readonly data: ScenarioInput;

  constructor(data: ScenarioInput) {
    this.data = data;
  }

  of({ input }: Machine): Behaviour {
    const { profile, quirks } = input as HostInput;
    const own = quirks ?? {};
    const all = Object.entries({ ...this.data.quirks, ...own }).filter(
      (entry): entry is [string, boolean] => entry[1] !== undefined,
    );
    return { profile: profile ?? this.data.profile, quirks: Object.fromEntries(all) };
  }
}
