// The one script of the frame. Each file minds one matter; all listen on the document, so parts that HTMX brings work.
import "./frame.js";
import "./keys.js";
import "./list.js";
import "./charts.js";
import "./typed.js";
