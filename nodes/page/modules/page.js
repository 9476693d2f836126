/** The page of a node. */

import { byId } from "./elements.js";

const answer = await fetch("/v1/lab/control/network");
byId("main").textContent = JSON.stringify(await answer.json());
