import type { Cluster, ClusterNode } from '../../gossip/cluster.ts';
import { Broken } from '../../gossip/watch/broken.ts';
import { SOUND } from '../../gossip/watch/property.ts';
import { formatInstant } from '../../time.ts';
import type { SerfNotice } from '../events.ts';
import type { Serf } from '../serf.ts';
import { type SerfLife, SerfWatch } from './watch.ts';

/**
 * Holds the agents of a cluster to the properties of Serf: throws `Broken` as soon as one does not hold. To be called before the first node
 * is made, after the same of memberlist.
 *
 * @param known names of properties that the profile is known to break
 */
export function watchAgents(cluster: Cluster, known: readonly string[] = []): void {
  const lives = new Map<ClusterNode, SerfLife>();
  const nodes = new Map<SerfLife, { readonly node: ClusterNode; seen: number }>();
  const watch = new SerfWatch((property, life, found) => {
    if (found === SOUND || known.includes(property)) return;
    throw new Broken(property, `${formatInstant(cluster.now, 3)} s ${nodes.get(life)?.node.name} ${found}`);
  });
  const lifeOf = (node: ClusterNode): SerfLife => {
    const begun = lives.get(node);
    if (begun !== undefined) return begun;
    const life = watch.begin(node.parts[1] as unknown as Serf);
    lives.set(node, life);
    nodes.set(life, { node, seen: node.notices.length });
    return life;
  };
  const { feeding, fed, showed, sent } = cluster;
  cluster.sent = (from, to, message, bytes) => {
    sent(from, to, message, bytes);
    watch.sent(lifeOf(cluster.node(from)), to, message);
  };
  cluster.feeding = (node, part, input) => {
    feeding(node, part, input);
    const { now } = cluster;
    watch.feeding(lifeOf(node), part, { input, now, late: node.resumedAt === now });
  };
  cluster.fed = (node, part, input) => {
    fed(node, part, input);
    const life = lifeOf(node);
    const place = nodes.get(life);
    if (place === undefined) return;
    for (; place.seen < node.notices.length; place.seen++) {
      watch.announced(life, node.notices[place.seen] as unknown as SerfNotice);
    }
    watch.fed(life);
  };
  cluster.showed = (change) => {
    showed(change);
    const { part, field, node, subject, before, value } = change;
    if (part !== 1) return;
    const life = lifeOf(cluster.node(node));
    watch.showed(life, subject, life.serf.cells.indexOf(field), value, before);
  };
}
