"""The m,n,k family of board games: tic-tac-toe, Connect Four, Gomoku and all between."""
