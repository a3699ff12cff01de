/** Stands between the gateway and CONTENT: fails one request in so many, or all, as it was told at /told. */
let told = { share: 0, isDown: false };
let faults = 0;

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname === "/told") {
      if (request.method === "POST") told = await request.json();
      return Response.json({ ...told, faults });
    }
    const isFault = told.isDown || Math.random() < told.share;
    if (isFault) faults++;
    // Before CONTENT is asked, or after, when what it did has been done.
    if (isFault && (told.isDown || Math.random() < 0.5)) throw new Error("CONTENT is down");
    const answer = await env.CONTENT.fetch(request);
    if (isFault) throw new Error("CONTENT went down");
    return answer;
  },
};
