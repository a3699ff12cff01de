/** Stands before CONTENT or IDENTITY: fails one request in so many, or all, as it was told at /told. */
let told = { share: 0, isDown: false };
const faults = { before: 0, after: 0 };

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/told") {
      if (request.method === "POST") told = await request.json();
      return Response.json({ ...told, faults });
    }
    const isFault = told.isDown || Math.random() < told.share;
    // Before the Worker is asked, or after, when what it did has been done.
    const when = told.isDown || Math.random() < 0.5 ? "before" : "after";
    if (isFault) faults[when]++;
    if (isFault && when === "before") throw new Error("The Worker is down");
    const answer = await (env.CONTENT ?? env.IDENTITY).fetch(request);
    if (isFault) throw new Error("The Worker went down");
    return answer;
  },
};
