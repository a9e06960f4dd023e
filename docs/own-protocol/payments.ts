import { type Boot, type Endpoint, type Instant, type Out, ownProtocol, type Protocol, type Socket, seconds } from 'partita';

type Message = { readonly type: 'pay' | 'booked'; readonly id: string };
type State = { life: number; paid: number; open: string; readonly booked: string[] };
/** Whether a payment is to be booked: it may have come before. */
type IsNew = (booked: readonly string[], id: string) => boolean;

const [SOCKET, BYTES, Timer] = [0 as Socket, 32, { pay: 0, again: 1 }];
/** Pays its neighbour every other second, and asks again until it hears that the payment is booked. */
class Payments implements Protocol<Message> {
  readonly state: State = { life: 0, paid: 0, open: '', booked: [] };
  readonly cells = [];
  readonly timers = Object.keys(Timer);
  private readonly place: { readonly index: number; readonly neighbour: Endpoint; readonly isNew: IsNew };

  constructor(place: Payments['place']) {
    this.place = place;
  }
  start(_now: Instant, boot: Boot, out: Out<Message>): void {
    this.state.life = boot.count;
    out.setTimer(Timer.pay, 0, seconds(2));
  }
  timeout(_now: Instant, kind: number, _subject: number, out: Out<Message>): void {
    if (kind === Timer.pay) out.setTimer(Timer.pay, 0, seconds(2));
    if (this.state.open === '') this.state.open = `${this.place.index}/${this.state.life}/${this.state.paid++}`;
    out.send(SOCKET, this.place.neighbour, { type: 'pay', id: this.state.open }, BYTES);
    out.setTimer(Timer.again, 0, seconds(0.5));
  }
  receive(_now: Instant, socket: Socket, from: Endpoint, message: Message, out: Out<Message>): void {
    if (typeof message?.id !== 'string') return; // a network may bring anything
    const { type, id } = message;
    if (type === 'booked' && id === this.state.open) {
      this.state.open = '';
      out.cancelTimer(Timer.again, 0);
    } else if (type === 'pay') {
      if (this.place.isNew(this.state.booked, id)) this.state.booked.push(id);
      out.send(socket, from, { type: 'booked', id }, BYTES);
    }
  }
  stream(): void {}
  command(): void {}
  written(): void {}
}

const again = ({ booked }: State) => booked.filter((id, place) => booked.indexOf(id) < place);
const twice = (states: readonly State[]) => states.flatMap(again).map((id) => `payment ${id} is booked twice`)[0];
const owed = (states: readonly State[]) =>
  states.flatMap(({ open }) => (open === '' ? [] : [`payment ${open} is not booked`]))[0];
export const payments = (isNew: IsNew) =>
  ownProtocol<Message, unknown, State>({
    name: 'payments',
    sockets: [{ transport: 'udp', port: 7000 }],
    make: ({ index, neighbours }) =>
      new Payments({ index, neighbour: neighbours[(index + 1) % neighbours.length]?.endpoints[0] as Endpoint, isNew }),
    invariants: [{ name: 'BookedOnce', violation: twice }],
    goals: [{ name: 'AllBooked', within: seconds(5), missing: owed }],
  });
export default payments((booked, id) => !booked.includes(id));
