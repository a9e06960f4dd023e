import { main } from './main.ts';

/** Calls the command line as a person would, away from a terminal, and takes what it prints. */
export async function called(
  ...args: string[]
): Promise<{ readonly exit: number; readonly data: string; readonly people: string }> {
  const said = { data: '', people: '' };
  const exit = await main(args, {
    data: (text) => {
      said.data += text;
    },
    people: (line) => {
      said.people += `${line}\n`;
    },
    colour: false,
    style: (_, text) => text,
    progress: () => {},
    done: () => {},
  });
  return { exit, ...said };
}
