import { Client } from "flowcms/client";

declare const FLOW_URL: string;
type Post = { id: string; title: string };
type Change = { contentChanged: { event: string; id: string; content: { title: string } | null } };

const CHANGES = `subscription {
  contentChanged(type: "blog_post") { event id content { title } }
}`;

const list = document.querySelector("#posts")!;
const state = document.querySelector("#state")!;
const ask = async <T>(path: string): Promise<T> => (await fetch(path)).json() as Promise<T>;

const flow = new Client({
  url: FLOW_URL,
  apiKey: "",
  ticket: async () => (await ask<{ ticket: string }>("/ticket.json")).ticket,
});

function show({ id, title }: Post, isChange: boolean): void {
  const known = document.getElementById(id);
  const item = document.createElement("li");
  item.id = id;
  item.textContent = title;
  item.className = isChange ? "changed" : "";
  if (known) known.replaceWith(item);
  else if (isChange) list.prepend(item);
  else list.append(item);
}

async function readAll(): Promise<void> {
  list.replaceChildren();
  for (const post of await ask<Post[]>("/posts.json")) show(post, false);
}

// The list is read once the subscription stands: what changes meanwhile is told, and shown again.
const changes = flow.subscribe<Change>(CHANGES, {}, { onGap: () => void readAll() });
await changes.ready;
await readAll();
for await (const { contentChanged: change } of changes) {
  if (change.content) show({ id: change.id, title: change.content.title }, true);
  else document.getElementById(change.id)?.remove();
  state.textContent = `${change.event} at ${new Date().toLocaleTimeString()}`;
}
