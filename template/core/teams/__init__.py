"""Teams: who may do what, and the rules that hold whichever framework serves them."""
